/**
 * Requests to a hub: the token goes to the hub alone, redirects are followed by hand, and what may pass
 * (a cut connection, 429, 503) is tried again, later and later, a bounded number of times.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HubError } from './hub-error.ts';

const DEFAULT_ENDPOINT = 'https://huggingface.co';

/** Attempts for one answer. */
export const MOST_ATTEMPTS = 6;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
/** A hub that asks for more patience than this is told to the user instead. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** Until the headers of an answer. */
const ANSWER_TIMEOUT_MS = 30_000;
const MOST_REDIRECTS = 5;
const BAD_PORT = 'bad port';
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Nobody is there: of a hub that never answered, no one to wait for. */
const NOBODY_THERE: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);
/** Whoever is there is not to be trusted, or does not speak TLS; waiting changes nothing. */
const NOT_TRUSTED = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO$)/;

/** An answer of the hub or of where it sent us, and what the hub itself said of the file on the way. */
export interface HubAnswer {
  readonly response: Response;
  /** `X-Repo-Commit`, `X-Linked-Size`, `X-Linked-Etag` and such: those of the first answer that had them. */
  readonly header: (name: string) => string | null;
}

export interface HubOptions {
  readonly endpoint: string;
  /** Null asks as nobody. */
  readonly token: string | null;
  /** Waits between attempts; tests do not. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told why something is tried again. */
  readonly onRetry?: (reason: string) => void;
}

export class HubClient {
  readonly endpoint: URL;
  readonly #token: string | null;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #onRetry: (reason: string) => void;
  /** Whether the hub is known to be there. */
  #hasAnswered = false;

  constructor({ endpoint, token, wait = waitFor, onRetry = () => {} }: HubOptions) {
    this.endpoint = parseEndpoint(endpoint);
    this.#token = checkedToken(token, this.endpoint);
    this.#wait = wait;
    this.#onRetry = onRetry;
  }

  /** The answer to a GET of `path` below the endpoint; `what` names it in errors. Any status but a passing fault is an answer. */
  async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    what: string,
    signal: AbortSignal,
  ): Promise<HubAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      let reason: string;
      let retryAfterMs: number | null = null;
      let cause: unknown;
      try {
        const answer = await this.#follow(path, headers, what, signal);
        const { response } = answer;
        if (!PASSING_STATUSES.has(response.status)) return answer;
        await response.body?.cancel();
        reason = `the hub answered ${response.status}`;
        retryAfterMs = retryAfter(response.headers.get('retry-after'));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof HubError) throw error;
        this.#assertHope(error, what);
        reason = networkFault(error);
        cause = error;
      }
      if (retryAfterMs !== null && retryAfterMs > LONGEST_RETRY_AFTER_MS) {
        throw new HubError(
          `${what}: ${reason} and asks to wait ${Math.ceil(retryAfterMs / 1_000)} s; try again then, or with a token, which is allowed more.`,
        );
      }
      if (attempt === MOST_ATTEMPTS) {
        throw new HubError(
          `${what}: ${reason}, ${attempt} times; check the network and ${this.endpoint.host}, then run the same again, it goes on where it was.`,
          cause,
        );
      }
      await this.pause(attempt, `${what}: ${reason}`, signal, retryAfterMs);
    }
  }

  /** Waits before the next attempt: what the hub asked for, else twice as long every time. */
  async pause(
    attempt: number,
    reason: string,
    signal: AbortSignal,
    askedMs: number | null = null,
  ): Promise<void> {
    const waitMs = askedMs ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    this.#onRetry(`${reason}; trying again in ${(waitMs / 1_000).toFixed(1)} s`);
    await this.#wait(waitMs, signal);
  }

  /** Throws HubError for a fault that does not pass by itself. */
  #assertHope(error: unknown, what: string): void {
    const code = codeOf(error);
    if (NOT_TRUSTED.test(code)) {
      throw new HubError(
        `${what}: no safe connection to ${this.endpoint.origin} (${code}); check --endpoint, the clock of this machine, and NODE_EXTRA_CA_CERTS where a proxy signs for others.`,
        error,
      );
    }
    const isForbidden = code === BAD_PORT;
    if (this.#hasAnswered || !(isForbidden || NOBODY_THERE.has(code))) return;
    const reason = isForbidden ? 'HTTP may not use this port' : code;
    throw new HubError(
      `${what}: ${this.endpoint.origin} can not be reached (${reason}); check the address in --endpoint or HF_ENDPOINT, and the network.`,
      error,
    );
  }

  async #follow(
    path: string,
    headers: Readonly<Record<string, string>>,
    what: string,
    signal: AbortSignal,
  ): Promise<HubAnswer> {
    const passed: Headers[] = [];
    let url = new URL(`${this.endpoint.href.replace(/\/$/, '')}${path}`);
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      // wherever the hub sends us, the token stays with the hub
      const isHub = url.origin === this.endpoint.origin;
      const response = await fetchWithin(url, {
        headers: {
          ...headers,
          // ranges and sizes are of the file itself
          'Accept-Encoding': 'identity',
          'User-Agent': 'bark-edge',
          ...(isHub && this.#token !== null && { Authorization: `Bearer ${this.#token}` }),
        },
        redirect: 'manual',
        signal,
      });
      this.#hasAnswered = true;
      passed.push(response.headers);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        return {
          response,
          header: (name) => passed.find((one) => one.has(name))?.get(name) ?? null,
        };
      }
      await response.body?.cancel();
      url = redirectTarget(location, url, what);
    }
    throw new HubError(`${what}: more than ${MOST_REDIRECTS} redirects; check --endpoint.`);
  }
}

/** The endpoint that a command names, else HF_ENDPOINT, else the public hub. */
export function endpointOf(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return named ?? (environment['HF_ENDPOINT']?.trim() || DEFAULT_ENDPOINT);
}

/** Why the hub refuses, and what helps. */
export function refusal({ response, header }: HubAnswer, what: string): HubError {
  const code = header('x-error-code');
  if (code === 'GatedRepo') {
    return new HubError(
      `${what} is gated: accept its conditions on its page of the hub, then pass a token of the same account with --token or HF_TOKEN.`,
    );
  }
  switch (response.status) {
    case 401:
      return new HubError(
        `${what}: the hub wants to know who asks (401); it may be private or misspelt. Check the name, or pass a valid token with --token or HF_TOKEN.`,
      );
    case 403:
      return new HubError(
        `${what}: the hub does not let this account in (403); ask its owner for access, or pass another token with --token or HF_TOKEN.`,
      );
    case 404:
      return new HubError(
        code === 'RevisionNotFound'
          ? `${what}: there is no such revision; leave --revision out for main, or give a branch, a tag or a commit.`
          : `${what} does not exist on the hub (404); check the name, --revision and --endpoint.`,
      );
    default:
      return new HubError(
        `${what}: the hub answered ${response.status}; check --endpoint, or try again later.`,
      );
  }
}

function parseEndpoint(text: string): URL {
  const url = URL.parse(text);
  const isPlain = url !== null && isWeb(url) && url.search === '' && url.hash === '';
  if (isPlain) return url;
  throw new HubError(
    'The endpoint must be an address such as https://huggingface.co, with a port up to 65535 if any, without a name, password or query in it.',
  );
}

function checkedToken(token: string | null, endpoint: URL): string | null {
  if (token === null) return null;
  // Node would quote a header that it refuses, so it must never see one
  if (!/^[\x21-\x7e]{1,500}$/.test(token)) {
    throw new HubError(
      'The token has spaces or characters that no token has; copy it again from the settings of the hub.',
    );
  }
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(endpoint.hostname);
  if (endpoint.protocol === 'http:' && !isLocal) {
    throw new HubError(
      `The token would travel unencrypted to ${endpoint.host}; give an https:// endpoint, or pull without a token.`,
    );
  }
  return token;
}

function redirectTarget(location: string, from: URL, what: string): URL {
  const target = URL.parse(location, from.href);
  const isFine =
    target !== null && isWeb(target) && (target.protocol === 'https:' || from.protocol === 'http:');
  if (isFine) return target;
  throw new HubError(
    `${what}: the hub sends to an address that is not https, or holds a password; check --endpoint.`,
  );
}

/** Whether an address is of the web and tells nobody's name. */
function isWeb({ protocol, username, password }: URL): boolean {
  return ['https:', 'http:'].includes(protocol) && username === '' && password === '';
}

async function fetchWithin(url: URL, init: RequestInit & { signal: AbortSignal }) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new Error('no answer in time')), ANSWER_TIMEOUT_MS);
  try {
    return await fetch(url.href, {
      ...init,
      signal: AbortSignal.any([init.signal, patience.signal]),
    });
  } finally {
    clearTimeout(timer);
  }
}

/** `Retry-After` (RFC 9110 section 10.2.3), seconds or a date, in milliseconds. */
function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  if (/^\d{1,6}$/.test(value.trim())) return Number(value) * 1_000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}

/** What a failed request died of, without its address. */
export function networkFault(error: unknown): string {
  const code = codeOf(error);
  if (code !== '') return `the connection failed (${code})`;
  return causeOf(error)?.message === 'no answer in time'
    ? 'no answer in time'
    : 'the connection was cut';
}

/** Node's code for what a request failed of; empty where it has none. */
function codeOf(error: unknown): string {
  const cause = causeOf(error);
  if (cause === null) return '';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  // the Fetch standard closes some ports, which Node tells in words
  return cause.message === BAD_PORT ? BAD_PORT : '';
}

/** `fetch` wraps what went wrong. */
function causeOf(error: unknown): Error | null {
  if (!(error instanceof Error)) return null;
  return error.cause instanceof Error ? error.cause : error;
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}
