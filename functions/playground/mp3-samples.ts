/** An mp3 as samples, frame by frame, by the browser's decoder. */
import type { Samples } from './decode.ts';
import { Mp3Frames, type Mp3Frame } from './mp3-frames.ts';

/** Whether this browser decodes it. */
export async function decodesMp3(): Promise<boolean> {
  if (typeof AudioDecoder === 'undefined') return false;
  const config = { codec: 'mp3', sampleRate: 24_000, numberOfChannels: 1 };
  const { supported } = await AudioDecoder.isConfigSupported(config);
  return supported === true;
}

export function mp3Samples(): TransformStream<Uint8Array<ArrayBuffer>, Samples> {
  const frames = new Mp3Frames();
  let decoder: AudioDecoder | null = null;
  let count = 0;
  return new TransformStream({
    transform(part, controller) {
      for (const frame of frames.add(part)) {
        decoder ??= openDecoder(frame, controller);
        // the decoder wants times that grow, whatever they are
        decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: count, data: frame.bytes }));
        count += 1;
      }
    },
    async flush() {
      await decoder?.flush();
      decoder?.close();
    },
  });
}

type Controller = TransformStreamDefaultController<Samples>;

function openDecoder({ rate, channels }: Mp3Frame, to: Controller): AudioDecoder {
  const decoder = new AudioDecoder({
    output: (data) => to.enqueue(samplesOf(data)),
    error: (error) => to.error(error),
  });
  decoder.configure({ codec: 'mp3', sampleRate: rate, numberOfChannels: channels });
  return decoder;
}

function samplesOf(data: AudioData): Samples {
  const samples = new Float32Array(data.numberOfFrames);
  data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
  const rate = data.sampleRate;
  data.close();
  return { samples, rate };
}
