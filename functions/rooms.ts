/**
 * Durable Objects in which all meet who ask for the same thing, wherever they come in: one for each sentence that is
 * being spoken, one for each file that is being made.
 */
import { DurableObject } from 'cloudflare:workers';
import { buildServices } from './build-services.ts';
import type { Env } from './env.ts';
import { RecordingBudget } from './takes/recording-budget.ts';
import type { RoomOrder } from './takes/room-messages.ts';
import { Room } from './takes/room.ts';
import { FileBudget } from './urls/file-budget.ts';
import { FileRoom, MAX_FILE_BYTES } from './urls/file-room.ts';
import { fileBytes } from './urls/file-size.ts';
import { readOrder } from './urls/orders.ts';
import { told, type FileRoomCalls, type Told } from './urls/remote-room.ts';
import { speakFile } from './urls/speak-file.ts';

/** Of the 128 MB that an isolate has: two dozen of the longest sentences, whole. All rooms may share one isolate. */
const recordings = new RecordingBudget(16 * 1024 * 1024);

/** Of files that are being made, each held once, and at its end for a moment twice. */
const files = new FileBudget(MAX_FILE_BYTES);

export class SentenceRoom extends DurableObject<Env> {
  #room: Room | undefined;

  /** Frames, as `Room` sends them. */
  speak(order: RoomOrder): ReadableStream<Uint8Array> {
    this.#room ??= this.#open();
    return this.#room.speak(order);
  }

  #open(): Room {
    const { synthesizer, takes } = buildServices(this.env);
    if (takes === null) throw new RangeError('a room without a bucket');
    return new Room({
      synthesizer,
      store: takes.store,
      budget: recordings,
      keepAlive: (work) => this.ctx.waitUntil(work),
    });
  }
}

export class AudioFileRoom extends DurableObject<Env> implements FileRoomCalls {
  #room: FileRoom | undefined;

  async audio(id: string, order: string, range: string | null): Promise<Told<Response>> {
    return told(() => this.#open().audio(id, order, range));
  }

  async facts(id: string, order: string): Promise<Told<string>> {
    return told(async () => JSON.stringify(await this.#open().facts(id, order)));
  }

  #open(): FileRoom {
    if (this.#room !== undefined) return this.#room;
    const services = buildServices(this.env);
    const { urls } = services;
    if (urls === null) throw new RangeError('a room without a bucket');
    this.#room = new FileRoom({
      store: urls.store,
      budget: files,
      sizeOf: (text) => {
        const { order, audio } = readOrder(text);
        return fileBytes(order.text, audio);
      },
      speak: (order, signal) => speakFile(services, readOrder(order), signal),
      keepAlive: (work) => this.ctx.waitUntil(work),
    });
    return this.#room;
  }
}
