/** What the global setup tells the tests in workerd. */
export interface ProvidedUrls {
  /** Speaks 2 seconds a sentence, wants the token `open sesame`. */
  readonly backendUrl: string;
  /** Breaks down after a fifth of a second of audio. */
  readonly brokenBackendUrl: string;
  /** Answers every upgrade with the status in its path, and the body that a second name stands for. */
  readonly refusingUrl: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    urls: ProvidedUrls;
  }
}
