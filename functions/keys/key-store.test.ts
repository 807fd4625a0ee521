import { expect, test } from 'vitest';
import type { KeyDirectory } from './key-directory.ts';
import type { KeyLedger } from './key-ledger.ts';
import { durableKeys } from './key-store.ts';

test('no stub of a Durable Object outlives the request that it was made in', async () => {
  let request = 0;
  // as the runtime does, which refuses I/O on behalf of another request
  const directories = {
    getByName: () => {
      const madeIn = request;
      return {
        list: async () => {
          if (madeIn !== request) throw new Error('I/O of another request');
          return ['one'];
        },
      };
    },
  } as unknown as DurableObjectNamespace<KeyDirectory>;
  const keys = durableKeys({} as DurableObjectNamespace<KeyLedger>, directories);
  request = 1;
  expect(await keys.list('')).toEqual(['one']);
  request = 2;
  expect(await keys.list('')).toEqual(['one']);
});
