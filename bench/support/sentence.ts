/** What is spoken: with a vocabulary real sentences, else ids as many as a sentence has; the checkpoint's first voice. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LatencyMode } from '../../shared/bark/options.ts';
import { textTokens, type TextTokens } from '../../shared/bark/shapes.ts';
import { readVoiceNpys } from '../../shared/bark/voice-file.ts';
import type { Voice } from '../../shared/bark/voice.ts';
import { WordPiece } from '../../shared/text/word-piece.ts';
import type { SpeechRequest } from '../../gpu-backend/pipeline/synthesizer.ts';

export const SENTENCES = [
  'Hello, my dog is cute.',
  'Your order will arrive on Tuesday before noon.',
  'Please hold the line while I look up your account.',
  'The train to the airport leaves from platform nine in seven minutes.',
  'It was a bright cold day in April, and the clocks were striking thirteen.',
];

/** Ids of a checkpoint without a vocabulary: as many as a sentence of five seconds has. */
const NO_TEXT = Int32Array.from({ length: 20 }, (_, i) => 1_000 + 37 * i);

export interface Take {
  readonly latency: LatencyMode;
  /** Exactly so many semantic tokens (49.9 a second); null lets the model end by itself. */
  readonly tokens: number | null;
  /** Which sentence, and which draws. */
  readonly index: number;
}

/** Turns takes into requests to the engine. */
export async function sentencesOf(folder: string): Promise<(take: Take) => SpeechRequest> {
  const vocabulary = join(folder, 'vocab.txt');
  const tokenizer = existsSync(vocabulary)
    ? WordPiece.fromVocabulary(await readFile(vocabulary, 'utf8'))
    : null;
  const voice = await firstVoice(folder);
  const textOf = (index: number): TextTokens =>
    textTokens(tokenizer?.encode(SENTENCES[index % SENTENCES.length] ?? '') ?? NO_TEXT);
  return ({ latency, tokens, index }) => ({
    text: textOf(index),
    voice,
    options: tokens === null ? {} : { semantic: { minNewTokens: tokens, maxNewTokens: tokens } },
    latency,
    seed: 7,
    row: index,
  });
}

async function firstVoice(folder: string): Promise<Voice | null> {
  const path = join(folder, 'speaker_embeddings_path.json');
  if (!existsSync(path)) return null;
  const index: unknown = JSON.parse(await readFile(path, 'utf8'));
  const name = Object.keys(index ?? {}).find((key) => key !== 'repo_or_path');
  if (name === undefined) return null;
  const read = (key: string): Promise<Uint8Array> =>
    readFile(join(folder, 'speaker_embeddings', `${name}_${key}.npy`));
  return readVoiceNpys({
    semantic_prompt: await read('semantic_prompt'),
    coarse_prompt: await read('coarse_prompt'),
    fine_prompt: await read('fine_prompt'),
  });
}
