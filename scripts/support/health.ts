/** Asking a service whether it is there. */
import { serviceUrl } from './service-url.ts';

const LOOK_INTERVAL_MS = 100;

/** One question may take this long before it counts as no answer. */
const ANSWER_TIMEOUT_MS = 5_000;

export type Health = 'ready' | 'unready' | 'absent';

/** `absent` when nothing answers at all, `unready` when the answer is not 2xx. */
export async function healthOf(url: string): Promise<Health> {
  try {
    const response = await fetch(serviceUrl(url, 'health'), {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? 'ready' : 'unready';
  } catch {
    // refused, reset or too slow: for whoever waits it is all the same
    return 'absent';
  }
}

/** Waits until the service is ready; throws when it is not in time, or the signal's reason. */
export async function waitForHealth(
  url: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const beganMs = performance.now();
  for (;;) {
    const health = await healthOf(url);
    signal.throwIfAborted();
    if (health === 'ready') return;
    if (performance.now() - beganMs > timeoutMs) {
      throw new Error(
        `${url}/health did not answer 200 within ${timeoutMs / 1_000} s; it was ${health}.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
}
