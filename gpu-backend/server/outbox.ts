/** What leaves through one socket, and how much of it still waits in memory. */
import { encodeAudioMessage, type AudioMessage } from '#shared/protocol/binary-message.ts';
import { MAX_CLOSE_REASON_BYTES } from '#shared/protocol/limits.ts';
import { encodeMessage, type ServerMessage } from '#shared/protocol/messages.ts';
import { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import { waitUntil } from './waiting.ts';

/** Audio waits while this much has not left yet: about five seconds of it. */
export const SEND_HIGH_WATER_BYTES = 256 * 1024;

/** A socket that makes us say more than this without reading it is cut off. */
export const SEND_BUFFER_MAX_BYTES = 4 * 1024 * 1024;

/** A peer that does not answer our close within this time is cut off. */
const CLOSE_TIMEOUT_MS = 2_000;

export class Outbox {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  get isFull(): boolean {
    return this.#socket.bufferedAmount >= SEND_HIGH_WATER_BYTES;
  }

  message(message: ServerMessage): void {
    this.#send(encodeMessage(message));
  }

  audio(message: AudioMessage): void {
    this.#send(encodeAudioMessage(message));
  }

  /** Waits until less than the high-water mark is buffered. */
  async drained(signal: AbortSignal): Promise<void> {
    while (this.isFull) {
      await waitUntil<void>(signal, (resolve) => {
        this.#waiting.add(resolve);
        return () => this.#waiting.delete(resolve);
      });
    }
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.close(code, closeReason(reason));
    this.#socket.once(
      'close',
      this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#socket.terminate()),
    );
  }

  #send(data: string | Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > SEND_BUFFER_MAX_BYTES) {
      this.#socket.terminate();
      return;
    }
    this.#socket.send(data, () => {
      if (this.isFull) return;
      for (const wake of this.#waiting) wake();
    });
  }
}

/** As much of the sentence as fits a control frame, cut between characters. */
function closeReason(sentence: string): string {
  let sizeBytes = 0;
  let end = 0;
  for (const character of sentence) {
    sizeBytes += Buffer.byteLength(character);
    if (sizeBytes > MAX_CLOSE_REASON_BYTES) break;
    end += character.length;
  }
  return sentence.slice(0, end);
}
