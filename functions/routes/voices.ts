/** GET /v1/voices, /v1/voices/{id} and /v2/voices: the voices there are, in words that ElevenLabs' clients read too. */
import { Hono } from 'hono';
import type { VoiceEntry } from '#shared/bark/manifest.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { requireScope } from '../guards/identify.ts';
import type { AppEnv, Services } from '../services.ts';

export function voicesRoute({ checkpoint }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .use(requireScope('read'))
    .get('/', async (c) => {
      const { manifest } = await checkpoint.get();
      return c.json({
        voices: manifest.voices.map(describeVoice),
        default_voice_id: manifest.defaultVoice,
      });
    })
    .all('/', onlyMethods('GET', 'HEAD'))
    .get('/:id{.+}', async (c) => {
      const { voices } = await checkpoint.get();
      return c.json(describeVoice(voices.entry(c.req.param('id'))));
    })
    .all('/:id{.+}', onlyMethods('GET', 'HEAD'));
}

/** What a page holds at most, and unless asked otherwise, as at ElevenLabs. */
const MAX_PAGE_VOICES = 100;
const USUAL_PAGE_VOICES = 10;

/** Pages of voices, those whose name or labels hold `search`. */
export function voiceSearchRoute({ checkpoint }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .use(requireScope('read'))
    .get('/', async (c) => {
      const { manifest } = await checkpoint.get();
      const search = (c.req.query('search') ?? '').toLowerCase();
      const size = wholeNumber(c.req.query('page_size'), USUAL_PAGE_VOICES, MAX_PAGE_VOICES);
      const first = wholeNumber(c.req.query('next_page_token'), 0, manifest.voices.length);
      const found = manifest.voices.filter(({ id, name, language }) =>
        [id, name, language ?? ''].some((text) => text.toLowerCase().includes(search)),
      );
      const hasMore = first + size < found.length;
      return c.json({
        voices: found.slice(first, first + size).map(describeVoice),
        has_more: hasMore,
        total_count: found.length,
        next_page_token: hasMore ? String(first + size) : null,
      });
    })
    .all('/', onlyMethods('GET', 'HEAD'));
}

/** Digits, at most `max`; what is none, or 0, is as if left out. */
function wholeNumber(text: string | undefined, usual: number, max: number): number {
  return /^\d+$/.test(text ?? '') ? Math.min(max, Number(text)) || usual : usual;
}

function describeVoice({ id, name, language }: VoiceEntry): Record<string, unknown> {
  return {
    voice_id: id,
    name,
    category: 'premade',
    labels: language === null ? {} : { language },
  };
}
