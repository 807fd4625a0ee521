/** A process of its own with one engine, as the server has it; speaks on order and tells what it took. */
import { startEngine, type Engine } from '../../gpu-backend/inference/engine.ts';
import type { SpeechRequest } from '../../gpu-backend/pipeline/synthesizer.ts';
import { residentMb } from './resident.ts';
import { sentencesOf } from './sentence.ts';
import type {
  FromSpeaker,
  SpeakerSetup,
  SpeakOrder,
  Spoken,
  SpokenTogether,
} from './speaker-messages.ts';

const send = (message: FromSpeaker): void => void process.send?.(message);

async function main(setup: SpeakerSetup): Promise<void> {
  const startMs = performance.now();
  const engine = await startEngine({ ...setup, model: 'bench', offload: false }, (warning) =>
    process.stderr.write(`${warning}\n`),
  );
  const sentence = await sentencesOf(setup.folder);
  process.on('message', ({ takes }: SpeakOrder) => {
    speakTogether(engine, takes.map(sentence)).then(
      (spoken) => send({ type: 'spoken', ...spoken }),
      fail,
    );
  });
  // whoever gave orders is gone
  process.on('disconnect', () => process.exit(0));
  send({ type: 'ready', loadMs: performance.now() - startMs, residentMb: residentMb('VmRSS') });
}

async function speakTogether(
  engine: Engine,
  requests: readonly SpeechRequest[],
): Promise<SpokenTogether> {
  const startMs = performance.now();
  const streams = await Promise.all(requests.map((request) => speak(engine, request)));
  return {
    streams,
    wallMs: performance.now() - startMs,
    residentMb: residentMb('VmRSS'),
    peakMb: residentMb('VmHWM'),
  };
}

async function speak(engine: Engine, request: SpeechRequest): Promise<Spoken> {
  const startMs = performance.now();
  let firstAudioMs = Number.NaN;
  let samples = 0;
  for await (const event of engine.speak(request, new AbortController().signal)) {
    if (event.type === 'audio') {
      if (samples === 0) firstAudioMs = performance.now() - startMs;
      samples += event.samples.length;
    }
    if (event.type === 'done') {
      return {
        firstAudioMs,
        totalMs: performance.now() - startMs,
        audioSeconds: samples / engine.info.sampleRate,
        report: event.report,
      };
    }
  }
  throw new Error('The engine ended without a report.');
}

function fail(error: unknown): void {
  send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}

main(JSON.parse(process.argv[2] ?? '{}')).catch(fail);
