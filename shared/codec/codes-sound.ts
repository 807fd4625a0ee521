/** A stream of codes as sound: what the edge would have sent as samples, by a decoder of one's own. */
import { SoftEnds } from '#shared/audio/soft-ends.ts';
import { fineCodes, type FineCodes } from '#shared/bark/shapes.ts';
import type { CodecModel } from './codec-model.ts';
import { booksFirst, type CodesLayout } from './codes-layout.ts';
import { CodesReader, type CodesHeader, type CodesPart } from './codes-stream.ts';
import { decodeInChunks } from './decode-in-chunks.ts';

/** The next samples, in -1..1, and how many there are a second. */
export interface Sound {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly rate: number;
}

/** A stream of codes ended before it said so. */
export class CodesBrokeOff extends RangeError {
  override readonly name = 'CodesBrokeOff';
}

/** The decoder that the header names; asked for once. */
export type OpenDecoder = (layout: CodesLayout) => Promise<CodecModel>;

/**
 * Decodes as the bytes come, chunk by chunk: the first sound needs a few frames. Throws RangeError for what is no such
 * stream, CodesBrokeOff for one that is cut.
 */
export async function* codesSound(
  bytes: AsyncIterable<Uint8Array>,
  openDecoder: OpenDecoder,
  signal: AbortSignal,
): AsyncGenerator<Sound, void, undefined> {
  const reader = new CodesReader();
  let decoder: Promise<CodecModel> | undefined;
  const parts = partsOf(bytes, reader, (header) => {
    // it is fetched while the first frames are made
    decoder = openDecoder(header);
    decoder.catch(() => undefined);
  });
  let next = await parts.next();
  try {
    while (next.done !== true) {
      const { header } = reader;
      const codec = await decoder;
      if (header === null || codec === undefined) throw new RangeError('Codes have no header.');
      const { sampleRate: rate } = header;
      if (next.value.kind === 'silence') {
        yield { samples: new Float32Array(next.value.samples), rate };
        next = await parts.next();
        continue;
      }
      if (next.value.kind === 'frames') {
        throw new RangeError('Codes have frames before their first sentence.');
      }
      const pieces = async function* (): AsyncGenerator<FineCodes, void, undefined> {
        for (
          next = await parts.next();
          next.done !== true && next.value.kind === 'frames';
          next = await parts.next()
        ) {
          const { codes } = next.value;
          yield fineCodes(booksFirst(codes, header.codebooks), 2 ** header.codeBits);
        }
      };
      for await (const samples of spoken(codec, pieces(), header, signal)) {
        yield { samples, rate };
      }
    }
  } finally {
    await parts.return();
  }
}

async function* partsOf(
  bytes: AsyncIterable<Uint8Array>,
  reader: CodesReader,
  onHeader: (header: CodesHeader) => void,
): AsyncGenerator<CodesPart, void, undefined> {
  for await (const piece of bytes) {
    const isNew = reader.header === null;
    const parts = reader.add(piece);
    if (isNew && reader.header !== null) onHeader(reader.header);
    yield* parts;
  }
  if (!reader.hasEnded) throw new CodesBrokeOff('The codes broke off before their end.');
}

async function* spoken(
  codec: CodecModel,
  pieces: AsyncIterable<FineCodes>,
  { codebooks, codeBits, rampSamples }: CodesHeader,
  signal: AbortSignal,
): AsyncGenerator<Float32Array<ArrayBuffer>, void, undefined> {
  const ends = SoftEnds.ofFloats(rampSamples);
  const sizes = { codebooks, codebookSize: 2 ** codeBits };
  for await (const chunk of decodeInChunks(codec, pieces, sizes, signal)) {
    const free = ends.write(chunk.map(withinScale));
    if (free.length > 0) yield free;
  }
  const last = ends.end();
  if (last.length > 0) yield last;
}

/** As samples of 16 bits would have it: overshoots are full scale, NaN is silent. */
function withinScale(sample: number): number {
  return Number.isNaN(sample) ? 0 : Math.max(-1, Math.min(1, sample));
}
