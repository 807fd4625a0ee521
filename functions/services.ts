/** All that the edge is made of; the Worker builds the real ones, tests their own. */
import type { RequestIdVariables } from 'hono/request-id';
import type { LogVariables, WriteLog } from './guards/request-log.ts';
import type { SpeechServices } from './speech/begin-speech.ts';

export interface Services extends SpeechServices {
  readonly log: WriteLog;
  /** `Access-Control-Allow-Origin` of every answer. */
  readonly corsOrigin: string;
}

/** What routes find in their context. */
export interface AppEnv {
  Variables: RequestIdVariables & LogVariables;
}
