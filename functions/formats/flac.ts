/**
 * FLAC (RFC 9639) by libFLAC: the samples themselves, in blocks of 4096. The stream's length and checksum are not
 * known when it begins, which the format allows: both are zero.
 */
import type { Encoder } from '#shared/audio/encoder.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { syntheticComments } from './vorbis-comment.ts';
import { WasmLibrary, type LibraryShape } from './wasm-library.ts';

/** The library in @mediabunny/flac-encoder 1.58.1. */
const LIBFLAC = {
  exports: {
    memory: 'j',
    start: 'k',
    init: 'l',
    input: 'n',
    send: 'o',
    output: 'p',
    frames: 'q',
    frameBytes: 'r',
    header: 't',
    headerBytes: 'u',
    finish: 'v',
  },
  growImport: 'e',
  fatalImports: ['a', 'c'],
} satisfies LibraryShape<string>;

type Libflac = WasmLibrary<keyof typeof LIBFLAC.exports>;

const CHANNELS = 1;
const BITS = 16;

/** The library takes samples at the upper end of 32 bits. */
const TO_32_BITS = 2 ** 16;

/** Metadata blocks (section 8): `fLaC`, then STREAMINFO with its header first of all. */
const STREAM_INFO_END = 4 + 4 + 34;
const VORBIS_COMMENT = 4;
const PADDING = 1;
const LAST_BLOCK = 0x80;

/** A block that readers pass over: something to keep a line alive with. */
const PADDING_BYTES = 300;

/** Streams of one instance: the library has no word for freeing one, at most 0.4 MB each. */
const MAX_STREAMS = 32;

/**
 * Makes FLAC encoders, for any rate. An instance that has begun many streams is left to them, and a fresh one
 * follows; the memory of the old one goes with its last stream.
 */
export function flacEncoders(module: WebAssembly.Module): (sampleRate: number) => Encoder {
  let library = new WasmLibrary(module, LIBFLAC);
  let streams = 0;
  return (sampleRate) => {
    if (library.isBroken || streams === MAX_STREAMS) {
      library = new WasmLibrary(module, LIBFLAC);
      streams = 0;
    }
    streams += 1;
    return flacEncoder(library, sampleRate);
  };
}

function flacEncoder(library: Libflac, sampleRate: number): Encoder {
  const stream = library.allocate('init', CHANNELS, sampleRate, BITS);
  const taken = (code: number): Uint8Array => {
    if (code < 0) throw new Error(`The FLAC encoder failed with ${code}.`);
    let length = 0;
    const frames = library.call('frames', stream);
    for (let i = 0; i < frames; i += 1) length += library.call('frameBytes', stream, i);
    return library.bytes(library.call('output', stream), length).slice();
  };
  return {
    begin() {
      const at = library.call('header', stream);
      return streamHeader(library.bytes(at, library.call('headerBytes', stream)));
    },
    write(pcm) {
      if (pcm.length === 0) return new Uint8Array(0);
      const at = library.allocate('input', stream, 4 * pcm.length);
      const input = library.int32(at, pcm.length);
      for (let i = 0; i < pcm.length; i += 1) input[i] = (pcm[i] ?? 0) * TO_32_BITS;
      return taken(library.call('send', stream, pcm.length));
    },
    keepAlive: () => new Uint8Array(0),
    end: () => taken(library.call('finish', stream)),
    close: () => undefined,
  };
}

/** The library's STREAMINFO, then our comments and padding. */
function streamHeader(made: Uint8Array): Uint8Array {
  const streamInfo = made.slice(0, STREAM_INFO_END);
  streamInfo[4] = 0;
  return joinBytes([
    streamInfo,
    metadata(VORBIS_COMMENT, syntheticComments('libFLAC')),
    metadata(PADDING | LAST_BLOCK, new Uint8Array(PADDING_BYTES)),
  ]);
}

/** A block with its type and a length of 24 bits. */
function metadata(type: number, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, content.byteLength);
  header[0] = type;
  return joinBytes([header, content]);
}
