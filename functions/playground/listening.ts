/** One speech from its first byte to its last sound: decoded, drawn and played while it comes. */
import { decode, type DecodeTools } from './decode.ts';
import type { ComingSpeech, Facts } from './edge.ts';
import { Player } from './player.ts';
import { SoundPicture } from './sound-picture.ts';

/** What is heard and seen of it. */
export interface Sound {
  readonly player: Player;
  readonly picture: SoundPicture;
}

/** What it was, once all has come. */
export interface Received {
  readonly facts: Facts;
  readonly file: Blob;
}

export class Listening {
  #sound: Sound | null = null;

  /** Null until the first sample has come. */
  get sound(): Sound | null {
    return this.#sound;
  }

  /** Until all has come. What breaks off is still heard; then it throws why. */
  async receive(
    { bytes, done }: ComingSpeech,
    format: string,
    { onSound, ...tools }: DecodeTools & { readonly onSound: () => void },
  ): Promise<Received> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const kept = bytes.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(part, controller) {
          parts.push(part.slice());
          controller.enqueue(part);
        },
      }),
    );
    for await (const { samples, rate } of decode(kept, format, tools)) {
      const isFirst = this.#sound === null;
      this.#sound ??= { player: new Player(rate), picture: new SoundPicture(rate) };
      this.#sound.picture.add(samples);
      this.#sound.player.play(samples);
      if (isFirst) onSound();
    }
    return { facts: await done, file: new Blob(parts) };
  }

  /** Resolves when the last sound has been heard, or it was stopped. */
  async heard(): Promise<void> {
    await this.#sound?.player.end();
  }

  async stop(): Promise<void> {
    await this.#sound?.player.stop();
  }
}
