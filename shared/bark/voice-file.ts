/** Reads the files that hold a voice: one `.npz` with three arrays, or the three `.npy` of the hub's layout. */
import { NPY_MAX_VALUES, decodeNpy } from './npy.ts';
import {
  type PromptArray,
  VOICE_KEYS,
  type Voice,
  type VoiceKey,
  voiceFromPrompts,
} from './voice.ts';
import { readZipMembers } from './zip.ts';

/** The longest array in 8-byte integers, and room for its header. */
const MEMBER_MAX_BYTES = 8 * NPY_MAX_VALUES + 16_384;

/** Reads a preset as `numpy.savez` writes it; throws RangeError with the file's fault. */
export function readVoiceNpz(bytes: Uint8Array): Voice {
  const members = readZipMembers(
    bytes,
    VOICE_KEYS.map((key) => `${key}.npy`),
    MEMBER_MAX_BYTES,
  );
  return readArrays((key) => members.get(`${key}.npy`));
}

/** Reads a preset that is stored as three files; throws RangeError with the file's fault. */
export function readVoiceNpys(files: Readonly<Partial<Record<VoiceKey, Uint8Array>>>): Voice {
  return readArrays((key) => files[key]);
}

function readArrays(find: (key: VoiceKey) => Uint8Array | undefined): Voice {
  // all are looked for before one is read, in the order in which the reference does
  const [semantic, coarse, fine] = [
    fileOf('semantic_prompt', find),
    fileOf('coarse_prompt', find),
    fileOf('fine_prompt', find),
  ];
  return voiceFromPrompts({
    semantic_prompt: readArray('semantic_prompt', semantic),
    coarse_prompt: readArray('coarse_prompt', coarse),
    fine_prompt: readArray('fine_prompt', fine),
  });
}

function fileOf(key: VoiceKey, find: (key: VoiceKey) => Uint8Array | undefined): Uint8Array {
  const file = find(key);
  if (file === undefined) {
    throw new RangeError(`The voice is missing ${key}; save it with ${VOICE_KEYS.join(', ')}.`);
  }
  return file;
}

function readArray(key: VoiceKey, file: Uint8Array): PromptArray {
  try {
    return decodeNpy(file);
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : 'it can not be read.';
    throw new RangeError(`${key}: ${fault}`, { cause });
  }
}
