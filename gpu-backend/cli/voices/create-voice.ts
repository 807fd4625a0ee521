/** A voice of what there is: a recording with its transcript, or what Bark once said. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readWav } from '#shared/audio/wav-file.ts';
import { textTokens } from '#shared/bark/shapes.ts';
import { readVoiceNpys } from '#shared/bark/voice-file.ts';
import { VOICE_KEYS, type Voice, type VoiceKey } from '#shared/bark/voice.ts';
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { readCodecEncoder } from '../../checkpoint/encoder-weights.ts';
import { isMissing } from '../../checkpoint/json-file.ts';
import { openBarkModels } from '../../models/bark-models.ts';
import { openCodecEncoder } from '../../models/codec-encoder.ts';
import { philoxRandomness } from '../../pipeline/randomness.ts';
import { generateSemantic } from '../../pipeline/semantic.ts';
import { readTokenizer } from '../../processor/tokenizer-files.ts';
import { loadVoiceFile } from '../../processor/voice-presets.ts';
import { voiceFromRecording } from '../../voices/voice-from-recording.ts';
import { CliError } from '../cli-error.ts';

/** Most bytes of a recording: two minutes at the highest rates. */
const RECORDING_MAX_BYTES = 256 * 1024 * 1024;
const ARRAY_MAX_BYTES = 1024 * 1024;

/** The transcript is read about as long as the recording lasts: at least and at most this part of it. */
const PACE = { least: 0.85, most: 1.15 };

export interface RecordingOrder {
  readonly recording: string;
  /** Exactly the words of the recording. */
  readonly transcript: string;
  readonly modelFolder: string;
  readonly seed: number;
  readonly threads: number;
  readonly onStep: (semanticTokens: number) => void;
}

/** Reads a voice that is there: the folder of a dumped sentence, or an `.npz` file; throws naming what is wrong. */
export async function readTake(source: string): Promise<Voice> {
  if (!(await isFolder(source))) return await loadVoiceFile(source);
  const files: Partial<Record<VoiceKey, Uint8Array>> = {};
  for (const key of VOICE_KEYS) {
    const bytes = await readBounded(join(source, `${key}.npy`), ARRAY_MAX_BYTES);
    if (bytes !== null) files[key] = bytes;
  }
  try {
    return readVoiceNpys(files);
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : 'it can not be read.';
    throw new CliError(
      `${source}: ${fault} A sentence of \`bark generate --dump\` is a folder such as dump/000.`,
      { cause },
    );
  }
}

/** Makes a voice of a recording: its sound by the codec's encoder, its words read by the semantic stage. */
export async function voiceOfRecording(
  { recording, transcript, modelFolder, seed, threads, onStep }: RecordingOrder,
  signal: AbortSignal,
): Promise<Voice> {
  const file = await readBounded(recording, RECORDING_MAX_BYTES);
  if (file === null) throw new CliError(`${recording} does not exist; give a WAV file.`);
  const { samples, sampleRate } = readWav(file);
  const seconds = samples.length / sampleRate;
  const { wordPiece } = await readTokenizer(modelFolder);
  const text = textTokens(wordPiece.encode(transcript));
  if (text.ids.length === 0) {
    throw new CliError('The transcript holds no words; give exactly those of the recording.');
  }
  const checkpoint = await openCheckpoint(modelFolder);
  try {
    const { tensors, config, generation } = checkpoint;
    const { semanticRateHz, maxNewTokens } = generation.semantic;
    const expected = seconds * semanticRateHz;
    if (expected > maxNewTokens) {
      throw new CliError(
        `${recording} lasts ${seconds.toFixed(1)} s; the model reads ${Math.floor(maxNewTokens / semanticRateHz)} s at a time. Cut it to one or two sentences.`,
      );
    }
    const encoderWeights = await readCodecEncoder(
      tensors,
      config.codec,
      generation.fine.fineCodebooks,
    );
    // of the stages only the first is needed, so only that is loaded
    const models = await openBarkModels(checkpoint, { threads, offload: true });
    const encoder = await openCodecEncoder(encoderWeights, { threads });
    try {
      const reading = generateSemantic(
        models.semantic,
        generation.semantic,
        {
          text,
          history: null,
          options: {
            minNewTokens: Math.floor(expected * PACE.least),
            maxNewTokens: Math.min(maxNewTokens, Math.ceil(expected * PACE.most)),
          },
          draw: philoxRandomness(seed)('semantic', 0),
        },
        signal,
      );
      const semantic: number[] = [];
      for await (const token of reading) {
        semantic.push(token);
        onStep(semantic.length);
      }
      const speech = { samples, sampleRate };
      const tools = { encoder, generation };
      return await voiceFromRecording(speech, Int32Array.from(semantic), tools, signal);
    } finally {
      await encoder.release();
      await models.release();
    }
  } finally {
    await checkpoint.tensors.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Null where there is no such file. */
async function readBounded(path: string, maxBytes: number): Promise<Uint8Array | null> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      throw new CliError(`${path} has ${size} bytes; at most ${maxBytes} are read.`);
    }
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
