import { describe, expect, test } from 'vitest';
import { SpeechFault } from '#shared/errors.ts';
import type { SpeechReport } from '#shared/protocol/messages.ts';
import { makeEdge } from '../../tests/workers/edge.ts';
import { memoryTakes } from '../../tests/workers/memory-sentences.ts';
import type { HeardRequest, RequestStore } from '../takes/request-store.ts';
import { faultResponse } from './fault-response.ts';

const STAGE = { ms: 12.5, steps: 30 };
const REPORT: SpeechReport = {
  queueMs: 1.0001,
  firstAudioMs: 20,
  totalMs: 90,
  semantic: STAGE,
  coarse: STAGE,
  fine: STAGE,
  codec: STAGE,
};

describe('GET /v1/requests/{id}', () => {
  test('tells what each sentence has cost', async () => {
    const asked: unknown[] = [];
    const { app } = makeEdge({
      findRecord: async (id, caller) => {
        asked.push([id, caller]);
        return {
          id,
          sentences: [
            { row: 0, outcome: 'done', samples: 24_000, report: REPORT },
            { row: 1, outcome: 'cancelled', samples: 320, report: null },
          ],
        };
      },
    });
    const response = await app.request('/v1/requests/order-66');
    expect(response.status).toBe(200);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(await response.json()).toEqual({
      id: 'order-66',
      object: 'speech.request',
      sentences: [
        {
          row: 0,
          origin: 'spoken',
          outcome: 'done',
          samples: 24_000,
          queue_ms: 1,
          first_audio_ms: 20,
          total_ms: 90,
          semantic: STAGE,
          coarse: STAGE,
          fine: STAGE,
          codec: STAGE,
        },
        { row: 1, origin: 'spoken', outcome: 'cancelled', samples: 320 },
      ],
    });
    expect(asked).toEqual([['order-66', null]]);
  });

  test('tells whose sentence it was that cost this request nothing', async () => {
    const known = new Map<string, HeardRequest>();
    const requests: RequestStore = {
      get: async ({ id }) => known.get(id) ?? null,
      put: async ({ id }, request) => {
        known.set(id, request);
      },
    };
    const edge = makeEdge({
      requests,
      takes: memoryTakes().takes,
      backend: { samples: 60_000 },
      findRecord: async (id) => {
        if (id === 'kept') throw new SpeechFault('backend_unavailable', 'Nobody asks it.');
        const report = id === 'leads' ? REPORT : null;
        return report && { id, sentences: [{ row: 0, outcome: 'done', samples: 60_000, report }] };
      },
    });
    const speak = async (id: string): Promise<ArrayBuffer> => {
      const answer = await edge.app.request(
        '/v1/audio/speech?input=Hello+world.&response_format=pcm',
        { headers: { 'X-Request-Id': id } },
      );
      return answer.arrayBuffer();
    };
    const tell = async (id: string): Promise<unknown> => {
      const body = (await (await edge.app.request(`/v1/requests/${id}`)).json()) as {
        sentences: unknown[];
      };
      return body.sentences[0];
    };
    await Promise.all([speak('leads'), speak('joins')]);
    await speak('kept');
    const free = { row: 0, outcome: 'done', samples: 60_000 };
    expect(await tell('leads')).toMatchObject({ origin: 'spoken', semantic: STAGE });
    expect(await tell('joins')).toEqual({ ...free, origin: 'joined', leader: 'leads' });
    expect(await tell('kept')).toEqual({ ...free, origin: 'kept' });
  });

  test('tells a sentence that runs', async () => {
    const running = { row: 0, outcome: 'running', samples: 4_800, report: null };
    const { app } = makeEdge({ findRecord: async (id) => ({ id, sentences: [running] }) });
    const body = await (await app.request('/v1/requests/order-66')).json();
    expect(body).toMatchObject({
      sentences: [{ row: 0, origin: 'spoken', outcome: 'running', samples: 4_800 }],
    });
  });

  test('is 404 for one that is not remembered', async () => {
    const response = await makeEdge().app.request('/v1/requests/order-66');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
  });

  test('is only read', async () => {
    const response = await makeEdge().app.request('/v1/requests/a', { method: 'DELETE' });
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});

describe('a speech request', () => {
  test('goes to the backend under its id, with the patience that it prefers', async () => {
    const edge = makeEdge({ backend: { samples: 100 } });
    const response = await edge.speak(
      { input: 'Hello world.' },
      {
        headers: {
          'Content-Type': 'application/json',
          'X-Request-Id': 'order-66',
          Prefer: 'wait=20',
        },
      },
    );
    expect(response.headers.get('Preference-Applied')).toBe('wait=20');
    await response.arrayBuffer();
    expect(edge.backend.speaks[0]).toMatchObject({ id: 'order-66', patienceMs: 20_000 });
    expect(edge.backend.speaks[0]).not.toHaveProperty('caller');
  });

  test('that says nothing of it leaves its patience to the backend, and sounds early', async () => {
    const edge = makeEdge({ backend: { samples: 100 } });
    await (await edge.speak({ input: 'Hello world.' })).arrayBuffer();
    expect(edge.backend.speaks[0]).not.toHaveProperty('patienceMs');
    expect(edge.backend.speaks[0]).toMatchObject({ latency: 'balanced' });
  });

  test('that finds no place is told which one it would have had, and when to come again', () => {
    const busy = new SpeechFault('busy', 'The queue is full.', {
      retryAfterMs: 1_400,
      position: 7,
    });
    const { status, headers } = faultResponse(busy);
    expect([status, headers.get('X-Queue-Position'), headers.get('Retry-After')]).toEqual([
      503,
      '7',
      '2',
    ]);
  });
});
