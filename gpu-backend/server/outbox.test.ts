import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { Outbox, SEND_BUFFER_MAX_BYTES, SEND_HIGH_WATER_BYTES } from './outbox.ts';

/** A socket whose reader takes only what the test lets it take. */
class SlowSocket extends EventEmitter {
  readyState = 1;
  bufferedAmount = 0;
  readonly callbacks: (() => void)[] = [];
  readonly terminate = vi.fn();
  readonly close = vi.fn();

  send(data: string | Uint8Array, callback: () => void): void {
    this.bufferedAmount += data.length;
    this.callbacks.push(callback);
  }

  takeAll(): void {
    this.bufferedAmount = 0;
    for (const callback of this.callbacks.splice(0)) callback();
  }
}

function makeOutbox() {
  const socket = new SlowSocket();
  const clock = new FakeClock();
  return { socket, clock, outbox: new Outbox(socket as unknown as WebSocket, clock) };
}

const AUDIO = { kind: 0, request: 1, sequence: 0, sampleOffset: 0 };

test('audio waits above the high-water mark and goes on below it', async () => {
  const { socket, outbox } = makeOutbox();
  const never = new AbortController().signal;
  await outbox.drained(never);
  outbox.audio({ ...AUDIO, payload: new Uint8Array(SEND_HIGH_WATER_BYTES) });
  expect(outbox.isFull).toBe(true);
  let isDrained = false;
  const drained = outbox.drained(never).then(() => (isDrained = true));
  await Promise.resolve();
  expect(isDrained).toBe(false);
  socket.takeAll();
  await drained;
});

test('a wait for room ends when its request does', async () => {
  const { outbox } = makeOutbox();
  outbox.audio({ ...AUDIO, payload: new Uint8Array(SEND_HIGH_WATER_BYTES) });
  const stop = new AbortController();
  const drained = outbox.drained(stop.signal);
  stop.abort(new Error('gone'));
  await expect(drained).rejects.toThrow('gone');
});

test('a peer that asks without reading is cut off', () => {
  const { socket, outbox } = makeOutbox();
  socket.bufferedAmount = SEND_BUFFER_MAX_BYTES + 1;
  outbox.message({ type: 'pong' });
  expect(socket.terminate).toHaveBeenCalledOnce();
  expect(socket.callbacks).toEqual([]);
});

test('a reason is cut to what a control frame holds, between characters', () => {
  const { socket, outbox } = makeOutbox();
  outbox.close(1001, `${'x'.repeat(121)}éé`);
  expect(socket.close).toHaveBeenCalledWith(1001, `${'x'.repeat(121)}é`);
});

test('a peer that does not answer the close is cut off', () => {
  const { socket, clock, outbox } = makeOutbox();
  outbox.close(1001, 'bye');
  clock.advance(2_000);
  expect(socket.terminate).toHaveBeenCalledOnce();
});
