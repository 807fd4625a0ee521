import { afterEach, describe, expect, test } from 'vitest';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { speechSound } from '../../tests/workers/speech-sound.ts';
import { loadAudioLibrary } from '../../tests/workers/audio-libraries.ts';
import { AudioEncoders } from './encoders.ts';
import { instances } from './wasm-library.ts';

/** A library of one page of memory, whose `trap` is `unreachable`. */
const TRAP = joinBytes([
  Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
  Uint8Array.of(1, 4, 1, 0x60, 0, 0),
  Uint8Array.of(3, 3, 2, 0, 0),
  Uint8Array.of(5, 3, 1, 0, 1),
  Uint8Array.of(7, 25, 3),
  exported('memory', 2, 0),
  exported('start', 0, 0),
  exported('trap', 0, 1),
  Uint8Array.of(10, 8, 2, 2, 0, 0x0b, 3, 0, 0, 0x0b),
]);

function exported(name: string, kind: number, index: number): Uint8Array {
  return Uint8Array.of(name.length, ...new TextEncoder().encode(name), kind, index);
}

test('a library that has trapped is not used again', async () => {
  const next = instances(await WebAssembly.compile(TRAP), {
    exports: { memory: 'memory', start: 'start', trap: 'trap' },
    fatalImports: [],
  });
  const first = next();
  expect(next()).toBe(first);
  expect(() => first.call('trap')).toThrow(WebAssembly.RuntimeError);
  expect(next()).not.toBe(first);
});

describe('memory', () => {
  const { Instance } = WebAssembly;
  const made: WebAssembly.Instance[] = [];
  afterEach(() => {
    WebAssembly.Instance = Instance;
    made.length = 0;
  });

  const memoryBytes = (): number[] =>
    made.map(({ exports }) => {
      const memory = Object.values(exports).find((each) => each instanceof WebAssembly.Memory);
      return memory?.buffer.byteLength ?? 0;
    });

  test.each(['mp3', 'opus', 'aac', 'flac'] as const)(
    'of %s does not grow with streams that end, or are cut off',
    async (format) => {
      WebAssembly.Instance = class extends Instance {
        constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
          super(module, imports);
          made.push(this);
        }
      };
      const encoders = new AudioEncoders(loadAudioLibrary);
      const open = await encoders.prepare({ format, sampleRate: 24_000, speed: 1.5 });
      const sound = speechSound({ sampleRate: 24_000, seconds: 0.03 });
      for (let i = 0; i < 600; i += 1) {
        const encoder = open(24_000);
        encoder.begin();
        encoder.write(sound);
        if (i % 2 === 0) encoder.end();
        encoder.close();
      }
      // libFLAC alone has no word for freeing a stream: its instances are left in time
      expect(made.length).toBeLessThanOrEqual(format === 'flac' ? 1 + Math.ceil(600 / 32) : 2);
      for (const bytes of memoryBytes()) expect(bytes).toBeLessThan(32 * 2 ** 20);
    },
  );
});
