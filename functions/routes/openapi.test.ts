import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { makeEdge } from '../../tests/workers/edge.ts';
import { FIXTURE_MODEL, FIXTURE_VOICE } from '../../tests/workers/fixture-checkpoint.ts';
import { ANSWERS, type AnswerName } from './openapi-answers.ts';
import { openApiDocument } from './openapi.ts';
import { SPEECH_FIELDS } from './speech-request.ts';

type Members = Record<string, Record<string, Record<string, unknown>>>;

const document = openApiDocument(false);
const described = Object.entries(document['paths'] as Members).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
);

/** `/v1/models/:id{.+}` as OpenAPI writes it. */
function templateOf(path: string): string {
  return path.replaceAll(/:([a-z]+)(?:\{[^}]*\}(?=\/|$))?/gi, '{$1}');
}

describe('the description of the API', () => {
  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document) as Record<string, unknown>);
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    expect(() => validator.resolveRefs()).not.toThrow();
  });

  test('has every route of the app, and no other', () => {
    const routes = makeEdge()
      .app.routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${templateOf(path)}`);
    expect(described.toSorted()).toEqual([...new Set(routes)].toSorted());
    expect(described.length).toBeGreaterThan(25);
  });

  test('is answered to anyone, as JSON', async () => {
    const response = await makeEdge().app.request('/openapi.json');
    expect(response.headers.get('Content-Type')).toContain('application/json');
    expect(await response.json()).toEqual(document);
  });

  test('gives every operation a name of its own', () => {
    const ids = JSON.stringify(document).match(/"operationId":"[^"]+"/g) ?? [];
    expect(ids).toHaveLength(described.length);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('says what every field of a body means', () => {
    const { schemas } = document['components'] as Record<string, Members>;
    const bodies = Object.entries(schemas ?? {}).filter(([name]) => name.endsWith('Request'));
    expect(bodies).toHaveLength(5);
    const speech = schemas?.['SpeechRequest'];
    expect(Object.keys(speech?.['properties'] ?? {}).toSorted()).toEqual(SPEECH_FIELDS.toSorted());
    for (const [name, { properties = {} }] of bodies) {
      for (const [field, property] of Object.entries(properties)) {
        expect(property, `${name}.${field}`).toHaveProperty('description', expect.any(String));
      }
    }
  });

  test('asks for a key where keys are in use', () => {
    expect(openApiDocument(false)['security']).toContainEqual({});
    expect(openApiDocument(true)['security']).not.toContainEqual({});
  });
});

describe('answers are as they are described', () => {
  test.each<[AnswerName, string]>([
    ['Health', '/health'],
    ['VoiceList', '/v1/voices'],
    ['Voice', `/v1/voices/${FIXTURE_VOICE}`],
    ['VoicePage', '/v2/voices?page_size=1'],
    ['ModelList', '/v1/models'],
    ['Model', `/v1/models/${FIXTURE_MODEL}`],
    ['Usage', '/v1/usage'],
    ['Error', '/nowhere'],
    ['Error', '/v1/audio/speech'],
  ])('%s at %s', async (name, path) => {
    const response = await makeEdge().app.request(path);
    expect(ANSWERS[name].safeParse(await response.json())).toMatchObject({ success: true });
  });

  test("an error in ElevenLabs' shape", async () => {
    const response = await makeEdge().app.request('/v1/text-to-speech/announcer', {
      method: 'POST',
    });
    const parsed = ANSWERS.ElevenLabsError.safeParse(await response.json());
    expect(parsed).toMatchObject({ success: true });
  });

  test('every event of a speech', async () => {
    const response = await makeEdge({ backend: { samples: 1_000 } }).speak({
      input: 'Hello.',
      stream_format: 'sse',
    });
    const events = (await response.text())
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => ANSWERS.SpeechEvent.parse(JSON.parse(line.slice('data: '.length))).type);
    expect(events).toContain('speech.audio.delta');
    expect(events.at(-1)).toBe('speech.audio.done');
  });
});
