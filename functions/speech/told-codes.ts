/** How the backend tells codes, if it does. */
import type { CodesLayout } from '#shared/codec/codes-layout.ts';
import { SpeechFault } from '#shared/errors.ts';
import type { BackendInfo } from '../backend/synthesizer.ts';

/** Null for a backend that tells none: an older one, or one whose codes do not fit. */
export function toldLayout({ codes, sampleRate }: BackendInfo): CodesLayout | null {
  return codes === undefined ? null : { ...codes, sampleRate };
}

/** Throws the fault of whoever asks for codes where there are none. */
export function assertTold(layout: CodesLayout | null): CodesLayout {
  if (layout !== null) return layout;
  throw new SpeechFault(
    'invalid_request',
    'response_format codes is not offered by this backend; ask for another, or bring the backend to the version of the edge.',
    { param: 'response_format' },
  );
}
