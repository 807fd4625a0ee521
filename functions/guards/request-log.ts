/**
 * One line a request. It holds counts, names and codes; never what is spoken, nor an error's own
 * message, which may quote it.
 */
import type { MiddlewareHandler } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import { matchedRoutes } from 'hono/route';
import { describeCause, SpeechFault } from '#shared/errors.ts';

export type LogLine = Readonly<Record<string, unknown>>;
export type WriteLog = (line: LogLine) => void;

/** The line of one request while it is written. */
export class RequestLog {
  readonly #write: WriteLog;
  readonly #now: () => number;
  readonly #startMs: number;
  #facts: LogLine;
  #isStreaming = false;

  constructor(facts: LogLine, now: () => number, write: WriteLog) {
    this.#facts = facts;
    this.#now = now;
    this.#startMs = now();
    this.#write = write;
  }

  note(facts: LogLine): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  noteFault(error: unknown): void {
    const fault = SpeechFault.from(error);
    this.note({
      fault: fault.code,
      ...(fault.param === undefined ? {} : { param: fault.param }),
      ...(fault.cause === undefined ? {} : { cause: describeCause(fault.cause) }),
    });
  }

  /** The answer goes on after its headers: the line waits for `streamEnded`. */
  streamBegins(): void {
    this.#isStreaming = true;
  }

  streamEnded(): void {
    this.#end();
  }

  headersSent(status: number): void {
    this.note({ status });
    if (!this.#isStreaming) this.#end();
  }

  #end(): void {
    this.#write({ ...this.#facts, ms: this.#now() - this.#startMs });
  }
}

/** So ends the path of middleware that sees all requests of a place. */
const EVERY_PATH = '/*';

/** The route of a request that none was made for. */
const UNMATCHED = 'unmatched';

export interface LogVariables {
  log: RequestLog;
}

export function requestLog(
  now: () => number,
  write: WriteLog,
): MiddlewareHandler<{ Variables: LogVariables & RequestIdVariables }> {
  return async function logRequest(c, next) {
    // not the path: a caller may have put anything into it
    const route =
      matchedRoutes(c).findLast(({ path }) => !path.endsWith(EVERY_PATH))?.path ?? UNMATCHED;
    const log = new RequestLog({ id: c.get('requestId'), method: c.req.method, route }, now, write);
    c.set('log', log);
    await next();
    if (c.error !== undefined) log.noteFault(c.error);
    log.headersSent(c.res.status);
  };
}
