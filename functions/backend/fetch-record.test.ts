import { describe, expect, test } from 'vitest';
import { recordFinder } from './fetch-record.ts';

const STAGE = { ms: 1, steps: 2 };
const RECORD = {
  id: 'a1',
  sentences: [
    {
      row: 0,
      outcome: 'done',
      samples: 320,
      report: {
        queueMs: 0,
        firstAudioMs: 1,
        totalMs: 2,
        semantic: STAGE,
        coarse: STAGE,
        fine: STAGE,
        codec: STAGE,
      },
    },
  ],
};
const { signal } = new AbortController();

function finder(answer: () => Promise<Response>) {
  const asked: Request[] = [];
  const find = recordFinder({
    url: new URL('https://backend.test/prefix/'),
    token: 'open sesame',
    fetch: async (input, init) => {
      asked.push(new Request(input, init));
      return answer();
    },
  });
  return { find, asked };
}

describe('a record', () => {
  test('is asked for under the name of its caller, with the secret', async () => {
    const { find, asked } = finder(async () => Response.json(RECORD));
    expect(await find('a1', 'key 7', signal)).toEqual(RECORD);
    expect(await find('a1', null, signal)).toEqual(RECORD);
    expect(asked.map(({ url }) => url)).toEqual([
      'https://backend.test/prefix/v1/requests/key%207/a1',
      'https://backend.test/prefix/v1/requests/a1',
    ]);
    expect(asked[0]?.headers.get('Authorization')).toBe('Bearer open sesame');
  });

  test('that is not remembered is null', async () => {
    const { find } = finder(async () => new Response(null, { status: 404 }));
    expect(await find('a1', null, signal)).toBeNull();
  });

  test.each([
    ['no JSON', async () => new Response('hello'), 'backend_failed'],
    ['of another shape', async () => Response.json({ id: 'a1' }), 'backend_failed'],
    ['refused', async () => new Response(null, { status: 401 }), 'backend_unavailable'],
    ['not reached', () => Promise.reject(new TypeError('no route')), 'backend_unavailable'],
  ])('%s is a fault', async (_case, answer, code) => {
    await expect(finder(answer).find('a1', null, signal)).rejects.toMatchObject({ code });
  });
});
