/** Kept sentences in memory, and rooms without Durable Objects, for tests of what stands above them. */
import { bytesFromSamples } from '#shared/audio/pcm.ts';
import type { SpeechReport } from '#shared/protocol/messages.ts';
import type { Synthesizer } from '../../functions/backend/synthesizer.ts';
import { CachingSynthesizer } from '../../functions/takes/caching-synthesizer.ts';
import { Room } from '../../functions/takes/room.ts';
import { RecordingBudget } from '../../functions/takes/recording-budget.ts';
import type { SentenceStore } from '../../functions/takes/sentence-store.ts';

export interface MemoryTakes {
  readonly kept: Map<string, { pieces: readonly Int16Array[]; report: SpeechReport }>;
  readonly store: SentenceStore;
  /** As a test hands it to the edge. */
  readonly takes: (backend: Synthesizer) => CachingSynthesizer;
}

/** `budget` is that of all rooms; without one there is room for all. */
export function memoryTakes(budget = new RecordingBudget(Infinity)): MemoryTakes {
  const kept: MemoryTakes['kept'] = new Map();
  const store: SentenceStore = {
    get: async (key) => {
      const found = kept.get(key);
      if (found === undefined) return null;
      return { ...facts(found), audio: streamOf(found.pieces.map(bytesFromSamples)) };
    },
    find: async (key) => {
      const found = kept.get(key);
      return found === undefined ? null : facts(found);
    },
    put: async (key, pieces, report) => {
      kept.set(key, { pieces: [...pieces], report });
    },
  };
  const takes = (backend: Synthesizer): CachingSynthesizer => {
    const rooms = new Map<string, Room>();
    return new CachingSynthesizer({
      backend,
      store,
      now: () => 1_000,
      speakInRoom: async (order) => {
        const room =
          rooms.get(order.key) ??
          new Room({ synthesizer: backend, store, budget, keepAlive: () => undefined });
        rooms.set(order.key, room);
        return room.speak(order);
      },
    });
  };
  return { kept, store, takes };
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

function facts({ pieces, report }: { pieces: readonly Int16Array[]; report: SpeechReport }) {
  return { report, samples: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}
