/** Speaks an order into a file: the same pipeline as an answer that is streamed, without a reader that could leave. */
import { FORMATS, type AudioShape, type FormatName } from '#shared/audio/formats.ts';
import { encodedAudio } from '../delivery/http-audio.ts';
import { withSilences } from '../delivery/silences.ts';
import type { AudioEncoders } from '../formats/encoders.ts';
import { beginSpeech, type SpeechOrder, type SpeechServices } from '../speech/begin-speech.ts';
import { cuesOf } from '../speech/cues-heard.ts';
import { SpeechTally } from '../speech/speech-tally.ts';
import type { SpokenFile } from './file-room.ts';
import { writeFlacLength } from './flac-length.ts';
import { writeWavSizes } from './wav-size.ts';

/** As it is kept; what is spoken, and into what. */
export interface FileOrder {
  readonly order: SpeechOrder;
  readonly audio: AudioShape;
}

interface FileServices extends SpeechServices {
  readonly encoders: AudioEncoders;
}

/** What a stream could not say when it began, by format. */
const LENGTHS: Partial<Record<FormatName, (bytes: Uint8Array<ArrayBuffer>) => void>> = {
  wav: writeWavSizes,
  flac: writeFlacLength,
};

export async function speakFile(
  services: FileServices,
  { order, audio }: FileOrder,
  signal: AbortSignal,
): Promise<SpokenFile> {
  const openEncoder = await services.encoders.prepare(audio);
  const speech = await beginSpeech(services, order, signal);
  const tally = new SpeechTally(speech);
  const mediaType = FORMATS[audio.format].mediaType(audio.sampleRate);
  return {
    mediaType,
    // a listener that has gone is noticed by writing alone
    chunks: encodedAudio(withSilences(tally.pcm()), () => openEncoder(speech.sampleRate)),
    finish: (bytes) => {
      LENGTHS[audio.format]?.(bytes);
      const facts = {
        take: speech.take,
        sampleRate: audio.sampleRate,
        sentences: cuesOf(order.text, speech, audio.speed),
        done: tally.done,
      };
      return { bytes, mediaType, facts };
    },
  };
}
