/**
 * OpenAI's voice names stand for voices of the checkpoint, so that clients work unchanged: `alloy` is
 * the default voice, the others share out the voices of its language. A voice of that very name wins.
 */
import type { Manifest } from '#shared/bark/manifest.ts';

/** In the order in which they are shared out. */
export const OPENAI_VOICES: readonly string[] = [
  'alloy',
  'echo',
  'fable',
  'onyx',
  'nova',
  'shimmer',
  'ash',
  'ballad',
  'coral',
  'sage',
  'verse',
  'marin',
  'cedar',
];

/** The voice id that OpenAI's name stands for; undefined for another name, or when there is no voice at all. */
export function voiceOfOpenAiName(name: string, manifest: Manifest): string | undefined {
  const place = OPENAI_VOICES.indexOf(name);
  if (place < 0) return undefined;
  const usual =
    manifest.voices.find(({ id }) => id === manifest.defaultVoice) ?? manifest.voices[0];
  if (usual === undefined) return undefined;
  const alike = manifest.voices.filter(({ language }) => language === usual.language);
  const first = alike.indexOf(usual);
  return alike[(first + place) % alike.length]?.id;
}
