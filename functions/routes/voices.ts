/** GET /v1/voices: the voices there are, in words that ElevenLabs' clients read too. */
import { Hono } from 'hono';
import type { VoiceEntry } from '#shared/bark/manifest.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';

export function voicesRoute({ checkpoint }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/', async (c) => {
      const { manifest } = await checkpoint.get();
      return c.json({
        voices: manifest.voices.map(describeVoice),
        default_voice_id: manifest.defaultVoice,
      });
    })
    .all('/', onlyMethods('GET', 'HEAD'));
}

function describeVoice({ id, name, language }: VoiceEntry): Record<string, unknown> {
  return {
    voice_id: id,
    name,
    category: 'premade',
    labels: language === null ? {} : { language },
  };
}
