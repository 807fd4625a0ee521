import { expect, test } from 'vitest';
import { Listeners, MAX_LISTENERS } from './listeners.ts';

test('one name is one listener, until many others were heard of since', () => {
  const listeners = new Listeners();
  const first = listeners.of('a');
  for (let i = 1; i < MAX_LISTENERS; i += 1) listeners.of(`other ${i}`);
  expect(listeners.of('a')).toBe(first);
  for (let i = 0; i < MAX_LISTENERS; i += 1) listeners.of(`another ${i}`);
  expect(listeners.of('a')).not.toBe(first);
});
