/**
 * Which stages are in memory. Normally all, from the start; when offloading, a stage is read when its
 * work begins, and one that nobody holds leaves when another one needs the room.
 */

import { giveBackFreedMemory } from './ort-api/freed-memory.ts';

export interface Releasable {
  release(): Promise<void>;
}

/** One stage, in memory or not. */
export interface Stage<T extends Releasable> {
  /** Keeps the stage in memory, once it is there, until the answer is called (a second call does nothing). */
  hold(): () => void;
  /** The stage, read first if need be; hold it while it is used. */
  get(): Promise<T>;
}

interface Slot {
  holders: number;
  loaded: Promise<Releasable> | null;
}

export class StageKeeper {
  readonly #offload: boolean;
  readonly #slots = new Set<Slot>();

  constructor(offload: boolean) {
    this.#offload = offload;
  }

  /** Adds a stage; without offloading it is read at once. */
  async add<T extends Releasable>(load: () => Promise<T>): Promise<Stage<T>> {
    const slot: Slot = { holders: 0, loaded: null };
    this.#slots.add(slot);
    let loaded: Promise<T> | null = null;
    const get = async (): Promise<T> => {
      // what the keeper released is not ours any more
      if (loaded !== null && slot.loaded === loaded) return await loaded;
      await this.#makeRoom(slot);
      if (loaded === null || slot.loaded !== loaded) {
        loaded = load();
        slot.loaded = loaded;
      }
      try {
        const stage = await loaded;
        giveBackFreedMemory();
        return stage;
      } catch (error) {
        slot.loaded = null;
        throw error;
      }
    };
    if (!this.#offload) await get();
    return {
      hold: () => {
        let isHeld = true;
        slot.holders += 1;
        return () => {
          if (isHeld) slot.holders -= 1;
          isHeld = false;
        };
      },
      get,
    };
  }

  /** Gives everything back. */
  async release(): Promise<void> {
    for (const slot of this.#slots) await unload(slot);
  }

  async #makeRoom(wanted: Slot): Promise<void> {
    if (!this.#offload) return;
    for (const slot of this.#slots) {
      if (slot !== wanted && slot.holders === 0) await unload(slot);
    }
  }
}

async function unload(slot: Slot): Promise<void> {
  const { loaded } = slot;
  slot.loaded = null;
  const stage = await loaded;
  await stage?.release();
  giveBackFreedMemory();
}
