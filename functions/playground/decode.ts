/** Bytes of any format as samples, while they come: Mediabunny takes the container apart, the browser decodes. */
import {
  ADTS,
  AudioSampleSink,
  FLAC,
  Input,
  type InputFormat,
  OGG,
  ReadableStreamSource,
} from 'mediabunny';
import { FORMATS, isFormatName, type FormatName } from '#shared/audio/formats.ts';
import { CodesBrokeOff, codesSound, type OpenDecoder } from '#shared/codec/codes-sound.ts';
import { Unplayable } from './faults.ts';
import { decodesMp3, mp3Samples } from './mp3-samples.ts';
import { isPlain, plainSamples, type PlainFormat } from './plain-samples.ts';

export interface Samples {
  readonly samples: Float32Array<ArrayBuffer>;
  /** A second. */
  readonly rate: number;
}

/** What decoding needs of the page. */
export interface DecodeTools {
  /** Opens the decoder that a stream of codes names. */
  readonly openCodec: OpenDecoder;
  readonly signal: AbortSignal;
}

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** What the others lie in. */
const CONTAINERS: Readonly<
  Record<Exclude<FormatName, PlainFormat | 'mp3' | 'codes'>, InputFormat>
> = {
  opus: OGG,
  aac: ADTS,
  flac: FLAC,
};

/** Throws `Unplayable` where the browser has no decoder for it. */
export async function* decode(
  bytes: Bytes,
  format: string,
  tools: DecodeTools,
): AsyncGenerator<Samples, void, undefined> {
  if (!isFormatName(format)) throw new Unplayable(`This page does not play ${format}.`);
  if (format === 'codes') {
    yield* decodedCodes(bytes, tools);
  } else if (isPlain(format)) {
    const rate = FORMATS[format].defaultRate;
    for await (const samples of read(bytes.pipeThrough(plainSamples(format)))) {
      yield { samples, rate };
    }
  } else if (format === 'mp3') {
    if (!(await decodesMp3())) throw undecodable(format);
    yield* read(bytes.pipeThrough(mp3Samples()));
  } else {
    yield* contained(bytes, format);
  }
}

/** What is cut off ends here as any format does; whoever knows why tells it. */
async function* decodedCodes(
  bytes: Bytes,
  { openCodec, signal }: DecodeTools,
): AsyncGenerator<Samples, void, undefined> {
  try {
    yield* codesSound(read(bytes), openCodec, signal);
  } catch (error) {
    if (!(error instanceof CodesBrokeOff)) throw error;
  }
}

/** Not every browser's streams can be iterated. */
async function* read<Piece>(stream: ReadableStream<Piece>): AsyncGenerator<Piece, void, undefined> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function* contained(
  bytes: Bytes,
  format: keyof typeof CONTAINERS,
): AsyncGenerator<Samples, void, undefined> {
  const source = new ReadableStreamSource(bytes);
  const input = new Input({ source, formats: [CONTAINERS[format]] });
  try {
    const track = await input.getPrimaryAudioTrack();
    if (track === null) return;
    if (!(await track.canDecode())) throw undecodable(format);
    for await (const sample of new AudioSampleSink(track).samples()) {
      const samples = new Float32Array(sample.numberOfFrames);
      sample.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      const rate = sample.sampleRate;
      sample.close();
      yield { samples, rate };
    }
  } finally {
    input.dispose();
  }
}

function undecodable(format: FormatName): Unplayable {
  return new Unplayable(`This browser can not decode ${format} while it comes. Choose wav or pcm.`);
}
