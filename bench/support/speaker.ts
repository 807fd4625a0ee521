/** Starts an engine in a process of its own, so that memory is its own and two can be had at once. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromSpeaker, SpeakerSetup, SpeakOrder, SpokenTogether } from './speaker-messages.ts';
import type { Take } from './sentence.ts';

/** Longer than the slowest order takes on a busy machine. */
const TIMEOUT_MS = 30 * 60_000;

export interface Speaker {
  readonly loadMs: number;
  /** Once loaded. */
  readonly residentMb: number;
  /** Speaks all takes at once; one order at a time. */
  speak(takes: readonly Take[]): Promise<SpokenTogether>;
  stop(): void;
}

export async function startSpeaker(setup: SpeakerSetup): Promise<Speaker> {
  const path = fileURLToPath(new URL('./speaker-process.ts', import.meta.url));
  const child = fork(path, [JSON.stringify(setup)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const answer = async (): Promise<Exclude<FromSpeaker, { type: 'failed' }>> => {
    const message = await new Promise<FromSpeaker>((resolve, reject) => {
      const settle = (settled: () => void): void => {
        clearTimeout(timer);
        child.removeAllListeners('message').removeAllListeners('exit');
        settled();
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error('The engine is stuck.'))),
        TIMEOUT_MS,
      );
      child.once('message', (said) =>
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the script that was forked sends no other
        settle(() => resolve(said as FromSpeaker)),
      );
      child.once('exit', (code) =>
        settle(() => reject(new Error(`The engine's process ended with code ${code}.`))),
      );
    });
    if (message.type === 'failed') throw new Error(message.message);
    return message;
  };
  try {
    const ready = await answer();
    if (ready.type !== 'ready') throw new Error('The engine spoke before it was asked.');
    return {
      loadMs: ready.loadMs,
      residentMb: ready.residentMb,
      async speak(takes) {
        const order: SpeakOrder = { takes };
        child.send(order);
        const spoken = await answer();
        if (spoken.type !== 'spoken') throw new Error('The engine did not answer an order.');
        return spoken;
      },
      stop: () => void child.kill('SIGKILL'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
