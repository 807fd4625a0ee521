/** A Worker that encodes when it is asked, so that its process can be measured: `?format=mp3&seconds=20`. */
import { FORMATS, isFormatName } from '../../shared/audio/formats.ts';
import { loadAudioLibrary } from '../../functions/formats/audio-libraries.ts';
import { AudioEncoders } from '../../functions/formats/encoders.ts';
import { speechSound } from '../../tests/workers/speech-sound.ts';

const MODEL_RATE = 24_000;

/** Samples of one piece, as the codec's first chunks are. */
const PIECE_SAMPLES = 4_800;

const sound = speechSound({ sampleRate: MODEL_RATE, seconds: 10 });
const encoders = new AudioEncoders(loadAudioLibrary);

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const format = searchParams.get('format') ?? '';
    if (!isFormatName(format) || format === 'codes')
      return new Response('No such format.', { status: 400 });
    const sampleRate = Number(searchParams.get('sample_rate') ?? FORMATS[format].defaultRate);
    const speed = Number(searchParams.get('speed') ?? 1);
    const encoder = (await encoders.prepare({ format, sampleRate, speed }))(MODEL_RATE);
    let bytes = encoder.begin().byteLength;
    const samples = Number(searchParams.get('seconds') ?? 10) * MODEL_RATE;
    for (let at = 0; at < samples; at += PIECE_SAMPLES) {
      const from = at % (sound.length - PIECE_SAMPLES);
      bytes += encoder.write(sound.slice(from, from + PIECE_SAMPLES)).byteLength;
    }
    bytes += encoder.end().byteLength;
    encoder.close();
    return Response.json({ bytes });
  },
};
