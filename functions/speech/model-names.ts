/** The names under which the one staged model can be asked for. */
import { SpeechFault } from '#shared/errors.ts';

/** Names that clients of OpenAI send unless they are told otherwise; they all mean the staged model. */
export const MODEL_ALIASES: readonly string[] = [
  'tts-1',
  'tts-1-hd',
  'gpt-4o-mini-tts',
  'gpt-4o-mini-tts-2025-03-20',
  'gpt-4o-mini-tts-2025-12-15',
  'bark',
];

/** Throws `model_not_found` for a model that is not served. */
export function assertModel(asked: string | undefined, staged: string): void {
  if (asked === undefined || asked === staged || MODEL_ALIASES.includes(asked)) return;
  throw new SpeechFault(
    'model_not_found',
    `There is no such model here; ask for ${staged}, or leave model out.`,
    { param: 'model' },
  );
}
