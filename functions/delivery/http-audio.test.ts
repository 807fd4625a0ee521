import { describe, expect, test } from 'vitest';
import type { Encoder } from '#shared/audio/encoder.ts';
import { encodedAudio } from './http-audio.ts';

/** An encoder that says what is done with it, as text. */
function telltale(): { open: () => Encoder; told: string[] } {
  const told: string[] = [];
  const tell = (what: string): Uint8Array => {
    told.push(what);
    return new TextEncoder().encode(what);
  };
  return {
    told,
    open: () => {
      told.push('open');
      return {
        begin: () => tell('begin'),
        write: (pcm) => tell(`write ${pcm.length}`),
        keepAlive: () => tell('keep alive'),
        end: () => tell('end'),
        close: () => told.push('close'),
      };
    },
  };
}

async function* sounds(fault?: Error): AsyncGenerator<Int16Array | null, void, undefined> {
  yield new Int16Array(3);
  yield null;
  if (fault !== undefined) throw fault;
  yield new Int16Array(4);
}

async function collect(audio: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const bytes of audio) pieces.push(bytes);
  return pieces;
}

describe('an encoder of an answer', () => {
  test('is closed at the end', async () => {
    const { open, told } = telltale();
    const bytes = await collect(encodedAudio(sounds(), open));
    expect(bytes).toHaveLength(5);
    expect(told).toEqual(['open', 'begin', 'write 3', 'keep alive', 'write 4', 'end', 'close']);
  });

  test('is closed without an end when the reader leaves', async () => {
    const { open, told } = telltale();
    const audio = encodedAudio(sounds(), open);
    await audio.next();
    await audio.next();
    await audio.return();
    expect(told).toEqual(['open', 'begin', 'write 3', 'close']);
  });

  test('is closed without an end when the sound fails', async () => {
    const { open, told } = telltale();
    const audio = encodedAudio(sounds(new Error('no more')), open);
    await expect(collect(audio)).rejects.toThrow('no more');
    expect(told.slice(-2)).toEqual(['keep alive', 'close']);
  });

  test('is not begun for a reader that never comes', async () => {
    const { open, told } = telltale();
    await encodedAudio(sounds(), open).return();
    expect(told).toEqual([]);
  });
});
