import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test, type TestContext } from 'vitest';
import { voiceFromPrompts, type Voice } from '#shared/bark/voice.ts';
import { readVoiceNpys, readVoiceNpz } from '#shared/bark/voice-file.ts';
import { saveVoiceNpys, saveVoiceNpz } from './save-voice.ts';

/** A voice with this many semantic tokens and frames. */
function countedVoice(tokens: number, frames: number): Voice {
  const numbers = (length: number, below: number): Uint16Array =>
    Uint16Array.from({ length }, (_, i) => (i * 31) % below);
  return voiceFromPrompts({
    semantic_prompt: { shape: [tokens], data: numbers(tokens, 10_000) },
    coarse_prompt: { shape: [2, frames], data: numbers(2 * frames, 1_024) },
    fine_prompt: { shape: [8, frames], data: numbers(8 * frames, 1_024) },
  });
}

const VOICE = countedVoice(499, 750);

test('a saved voice is read again as it was', () => {
  expect(readVoiceNpz(saveVoiceNpz(VOICE))).toEqual(VOICE);
  expect(readVoiceNpys(saveVoiceNpys(VOICE))).toEqual(VOICE);
});

test('a voice always has the same bytes', () => {
  expect(saveVoiceNpz(countedVoice(499, 750))).toEqual(saveVoiceNpz(VOICE));
});

/** The Python that has numpy and transformers; nothing fails where there is none. */
const PYTHON = process.env['ORACLE_PYTHON'] ?? 'python3';
const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));

/** Runs a program that prints what it found of the voice, or skips aloud if Python has no such package. */
async function askPython(context: TestContext, program: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'voice-'));
  const path = join(folder, 'voice.npz');
  try {
    await writeFile(path, saveVoiceNpz(VOICE));
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', program, path, TINY]).catch(
      (error: unknown) => {
        const said = error instanceof Error ? error.message : '';
        if (!/ImportError|ModuleNotFoundError|ENOENT|not found/.test(said)) throw error;
        return context.skip(`${PYTHON} lacks numpy or transformers; name another in ORACLE_PYTHON`);
      },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the reference', () => {
  test('reads the arrays with numpy', async (context) => {
    const program = `
import json, sys
import numpy as np
with np.load(sys.argv[1]) as arrays:
    print(json.dumps({key: [str(arrays[key].dtype), arrays[key].tolist()] for key in arrays.files}))
`;
    const rows = (data: Uint16Array, count: number): number[][] =>
      Array.from({ length: count }, (_, row) =>
        Array.from(data.subarray((row * data.length) / count, ((row + 1) * data.length) / count)),
      );
    expect(await askPython(context, program)).toEqual({
      semantic_prompt: ['int64', Array.from(VOICE.semanticPrompt)],
      coarse_prompt: ['int64', rows(VOICE.coarsePrompt, 2)],
      fine_prompt: ['int64', rows(VOICE.finePrompt, 8)],
    });
  });

  test(
    "takes the file as a preset in transformers' processor",
    { timeout: 120_000 },
    async (context) => {
      const program = `
import json, sys
from transformers import BarkProcessor
inputs = BarkProcessor.from_pretrained(sys.argv[2])("Hello", voice_preset=sys.argv[1])
print(json.dumps({key: [str(value.dtype), list(value.shape)] for key, value in inputs["history_prompt"].items()}))
`;
      expect(await askPython(context, program)).toEqual({
        semantic_prompt: ['torch.int64', [499]],
        coarse_prompt: ['torch.int64', [2, 750]],
        fine_prompt: ['torch.int64', [8, 750]],
      });
    },
  );
});
