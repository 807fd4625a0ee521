/** A voice of what there is: a recording with its transcript, or what Bark once said. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readWav, WavFileError } from '#shared/audio/wav-file.ts';
import { readVoiceNpys } from '#shared/bark/voice-file.ts';
import { VOICE_KEYS, type Voice, type VoiceKey } from '#shared/bark/voice.ts';
import { isMissing } from '../../checkpoint/json-file.ts';
import { BarkError } from '../../library/bark-error.ts';
import { BarkModel } from '../../library/bark-model.ts';
import { voiceFromRecording } from '../../library/voice-from-recording.ts';
import { BarkProcessor } from '../../processor/processor.ts';
import { loadVoiceFile } from '../../processor/voice-presets.ts';
import { CliError } from '../cli-error.ts';

/** Most bytes of a recording: two minutes at the highest rates. */
const RECORDING_MAX_BYTES = 256 * 1024 * 1024;
const ARRAY_MAX_BYTES = 1024 * 1024;

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
  const { samples, sampleRate } = soundOf(recording, file);
  const processor = await BarkProcessor.fromPretrained(modelFolder);
  // of the stages only the first is needed, so only that is loaded
  const model = await BarkModel.fromPretrained(modelFolder, { threads, offload: true });
  try {
    return await voiceFromRecording(model, processor, samples, {
      sampleRate,
      transcript,
      seed,
      signal,
      onProgress: ({ step }) => onStep(step),
    });
  } catch (error) {
    if (!(error instanceof BarkError)) throw error;
    throw new CliError(`${recording}: ${error.message}`, { cause: error });
  } finally {
    await model.release();
  }
}

function soundOf(recording: string, file: Uint8Array) {
  try {
    return readWav(file);
  } catch (cause) {
    if (!(cause instanceof WavFileError)) throw cause;
    throw new CliError(`${recording}: ${cause.message}`, { cause });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Null where there is no such file. */
async function readBounded(path: string, maxBytes: number): Promise<Uint8Array | null> {
  try {
    const file = await stat(path);
    // a pipe would be waited for, a device never ends
    if (!file.isFile()) throw new CliError(`${path} is no regular file; give a file.`);
    const { size } = file;
    if (size > maxBytes) {
      throw new CliError(`${path} has ${size} bytes; at most ${maxBytes} are read.`);
    }
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    if (error instanceof CliError) throw error;
    throw new CliError(`${path} could not be read; check its permissions and where it links to.`, {
      cause: error,
    });
  }
}
