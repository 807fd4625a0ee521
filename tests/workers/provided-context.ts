/** What the global setup tells the tests in workerd. */
declare module 'vitest' {
  interface ProvidedContext {
    /** Speaks 2 seconds a sentence, wants the token `open sesame`. */
    backendUrl: string;
    /** Breaks down after a fifth of a second of audio. */
    brokenBackendUrl: string;
    /** Answers every upgrade with the status in its path. */
    refusingUrl: string;
  }
}

export {};
