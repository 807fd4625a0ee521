/** Hands out the file that decodes the engine's codes, under its hash. It is made when asked for, and not held. */
import { createHash } from 'node:crypto';
import { SpeechFault } from '#shared/errors.ts';
import { faultAnswer, fileAnswer, type Answer } from './http-answer.ts';

/** Makes the ONNX file anew. */
export type ReadDecoderFile = () => Promise<Uint8Array>;

export class DecoderDesk {
  readonly #read: ReadDecoderFile | null;
  #reading: Promise<Uint8Array> | null = null;

  constructor(read: ReadDecoderFile | null) {
    this.#read = read;
  }

  /** `name`: what was asked for; `decoder`: the hash of the engine's, null where its codes can not be told. */
  async answer(name: string, decoder: string | null): Promise<Answer> {
    if (decoder === null || this.#read === null || name !== `${decoder}.onnx`) {
      return faultAnswer(
        new SpeechFault(
          'not_found',
          'There is no such decoder: the header of a stream of codes names the one that it needs.',
        ),
      );
    }
    const file = await this.#file(this.#read);
    if (createHash('sha256').update(file).digest('hex') !== decoder) {
      return faultAnswer(
        new SpeechFault(
          'backend_mismatch',
          'The files of the checkpoint were changed since they were loaded; start the backend anew.',
        ),
      );
    }
    return fileAnswer(file, 'application/octet-stream', `"${decoder}"`);
  }

  /** Once for all who ask meanwhile. */
  async #file(read: ReadDecoderFile): Promise<Uint8Array> {
    const reading = (this.#reading ??= read());
    try {
      return await reading;
    } finally {
      if (this.#reading === reading) this.#reading = null;
    }
  }
}
