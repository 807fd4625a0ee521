import { describe, expect, inject, test } from 'vitest';
import { SpeechFault } from '#shared/errors.ts';
import type { ProvidedUrls } from '../../tests/workers/provided-urls.ts';
import { fetchConnector } from './fetch-socket.ts';
import { gpuSynthesizer } from './gpu-synthesizer.ts';
import type { SpeechSession } from './synthesizer.ts';

const TOKEN = 'open sesame';
const urls: ProvidedUrls = inject('urls');

async function connect(url: string, token?: string): Promise<SpeechSession> {
  const connector = fetchConnector({ url: new URL(url), token });
  return gpuSynthesizer(connector).connect(new AbortController().signal);
}

async function faultOf(work: Promise<unknown>): Promise<SpeechFault> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof SpeechFault) return outcome;
  throw new Error('expected a fault', { cause: outcome });
}

const SENTENCE = {
  ids: Int32Array.of(1, 2),
  voice: null,
  options: {},
  latency: 'exact',
  seed: 1,
  row: 0,
  codes: null,
  key: 'a key',
} as const;

describe('a socket by fetch', () => {
  test('greets, speaks and closes', async () => {
    const session = await connect(urls.backendUrl, TOKEN);
    expect(session.info.model).toBe('bark-toy');
    const spoken = session.speak(SENTENCE);
    let samples = 0;
    for (let piece = await spoken.read(); piece !== null; piece = await spoken.read()) {
      samples += piece.length;
    }
    expect(samples).toBe(48_000);
    session.close();
    session.close();
  });

  test('that drops in the middle is a failure', async () => {
    const session = await connect(urls.brokenBackendUrl);
    const spoken = session.speak(SENTENCE);
    const fault = await faultOf(spoken.finished);
    expect(fault.code).toBe('backend_failed');
  });

  test('is refused without the token', async () => {
    const fault = await faultOf(connect(urls.backendUrl));
    expect(fault.code).toBe('backend_unavailable');
    expect(fault.message).toContain('GPU_BACKEND_TOKEN');
    expect(fault.message).not.toContain(TOKEN);
  });

  test.each([
    [401, 'backend_unavailable', 'GPU_BACKEND_TOKEN'],
    [404, 'backend_unavailable', 'GPU_BACKEND_URL'],
    [426, 'backend_mismatch', 'same version'],
    [503, 'busy', 'try again'],
  ])('answered with %i says what to do', async (status, code, words) => {
    const fault = await faultOf(connect(`${urls.refusingUrl}/${status}/`));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(words);
    if (status === 503) expect(fault.retryAfterMs).toBe(3_000);
  });

  test.each([
    ['loading', 'backend_unavailable', 'The model is still being loaded.'],
    ['draining', 'draining', 'The backend is going away.'],
  ])('refused while %s hands on why', async (name, code, message) => {
    const fault = await faultOf(connect(`${urls.refusingUrl}/503/${name}/`));
    expect(fault).toMatchObject({ code, message, retryAfterMs: 3_000 });
  });

  test.each(['odd', 'unknown', 'long', 'html'])(
    'refused with a body that is not ours (%s) hands nothing on',
    async (name) => {
      const fault = await faultOf(connect(`${urls.refusingUrl}/503/${name}/`));
      expect(fault).toMatchObject({
        code: 'busy',
        message: 'The backend takes no new connections; try again.',
      });
    },
  );

  test('with nobody there says so', async () => {
    const fault = await faultOf(connect('http://127.0.0.1:1'));
    expect(fault.code).toBe('backend_unavailable');
    expect(fault.message).toContain('GPU_BACKEND_URL');
  });

  test('that is given up before it is open is cancelled', async () => {
    const connector = fetchConnector({ url: new URL(urls.backendUrl), token: TOKEN });
    const fault = await faultOf(connector(AbortSignal.abort()));
    expect(fault.code).toBe('cancelled');
  });
});
