/** The page on HTTP says what the code does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FORMATS, type AudioFormat } from '#shared/audio/formats.ts';
import { KEEP_ALIVE_SAMPLES } from '#shared/audio/pcm.ts';
import { FAULTS, isFaultCode } from '#shared/errors.ts';
import {
  ACCEPT_TIMEOUT_MS,
  FIRST_AUDIO_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
} from '#shared/protocol/limits.ts';
import { makeEdge } from '../../tests/workers/edge.ts';
import type { Access, Caller } from '../keys/access.ts';
import { MAX_BODY_BYTES } from '../guards/read-body.ts';
import { MODEL_ALIASES } from '../speech/model-names.ts';
import { SENTENCE_PAUSE_MS } from '../speech/joiners.ts';
import { BUSY_PATIENCE_MS } from '../speech/speak-sentences.ts';
import { OPENAI_VOICES } from '../voices/openai-voices.ts';
import { MAX_FILE_BYTES } from '../urls/file-room.ts';
import { MAX_FILE_CHARACTERS } from '../urls/file-size.ts';
import { MAX_FILE_BODY_BYTES } from './audio-urls.ts';
import { MAX_INPUT_CHARACTERS, SPEECH_FIELDS } from './speech-request.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/http.md'), 'utf8');

const allowance = {
  month: '2026-11',
  requestsPerMinute: 60,
  requestsLeft: 59,
  charactersPerMonth: 1_000,
  charactersUsed: 6,
};

const countedCaller: Caller = {
  keyId: '0123456789abcdef',
  admit: async () => ({ allowance, refund: async () => undefined }),
  allowance: async () => allowance,
};

const countedAccess: Access = {
  mode: 'keys',
  identify: async () => countedCaller,
  ofKey: () => countedCaller,
};

/** The rows of the table whose first head cell is this, in cells. */
function table(head: string): string[][] {
  const lines = page.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`| ${head} |`)) + 2;
  expect(from).toBeGreaterThan(2);
  const rows = lines.slice(from);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

function names(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
}

describe('the page on HTTP', () => {
  test('has every field of a request, and no other', () => {
    const fields = table('field').flatMap(([field]) => names(field));
    expect(fields.toSorted()).toEqual([...SPEECH_FIELDS].toSorted());
  });

  test('tells the true status of every code, and whether to try again', () => {
    for (const [code, status, retry] of table('code')) {
      const [name = ''] = names(code);
      expect(isFaultCode(name)).toBe(true);
      if (!isFaultCode(name)) continue;
      expect([name, status, retry]).toEqual([
        name,
        String(FAULTS[name].status),
        FAULTS[name].retryable ? 'yes' : 'no',
      ]);
    }
  });

  test('leaves out only the codes that no caller of HTTP meets', () => {
    const told = table('code').flatMap(([code]) => names(code));
    const silent = Object.keys(FAULTS).filter((code) => !told.includes(code));
    // the backend's own words to the edge
    expect(silent).toEqual(['unsupported_protocol']);
  });

  test('has the formats with their media types', () => {
    const formats = table('format').map(([name, mediaType]) => [
      ...names(name),
      ...names(mediaType),
    ]);
    expect(formats).toEqual(
      Object.entries<AudioFormat>(FORMATS).map(([name, { mediaType, defaultRate }]) => [
        name,
        mediaType(defaultRate),
      ]),
    );
  });

  test('names the models, the voices and the limits in force', () => {
    for (const name of [...MODEL_ALIASES, ...OPENAI_VOICES]) expect(page).toContain(`\`${name}\``);
    expect(page).toContain(`${MAX_INPUT_CHARACTERS} characters`);
    expect(page).toContain(`${MAX_BODY_BYTES / 1_024} KiB`);
    expect(page).toContain(
      `| text | ${MAX_INPUT_CHARACTERS} characters; of a URL ${MAX_FILE_CHARACTERS} |`,
    );
    expect(page).toContain(`of a URL ${MAX_FILE_BODY_BYTES / 1_024} KiB |`);
    expect(page).toContain(`| file of a URL | ${MAX_FILE_BYTES / 1_048_576} MiB |`);
    expect(page).toContain(`${SENTENCE_PAUSE_MS} ms`);
    expect(page).toContain(`${KEEP_ALIVE_SAMPLES} samples`);
    const limits = [
      ACCEPT_TIMEOUT_MS,
      FIRST_AUDIO_TIMEOUT_MS,
      REQUEST_TIMEOUT_MS,
      BUSY_PATIENCE_MS,
    ];
    for (const ms of limits) expect(page).toContain(`| ${ms / 1_000} s |`);
  });

  test('shows an error as it is', async () => {
    const [, example = ''] = /## Errors[^]*?```json\n(.*)\n```/.exec(page) ?? [];
    const response = await makeEdge().speak({ input: 'Hello', response_format: 'ogg' });
    expect(await response.json()).toEqual(JSON.parse(example));
  });

  test('names the headers that are sent', async () => {
    const response = await makeEdge({
      backend: { samples: 10 },
      access: countedAccess,
    }).speak(
      {
        input: 'Hello.',
        instructions: 'Whisper.',
      },
      { headers: { 'Content-Type': 'application/json', Prefer: 'wait=20' } },
    );
    await response.arrayBuffer();
    const told = table('header')
      // beside X-Ignored-Fields it never stands alone: one or the other
      .filter(([header]) => !header?.includes('X-Applied-Instructions'))
      .flatMap(([header]) => names(header).map((name) => name.toLowerCase()));
    const sent = [...response.headers.keys()].filter((name) => !name.startsWith('access-control-'));
    expect(told.toSorted()).toEqual(sent.toSorted());
  });
});
