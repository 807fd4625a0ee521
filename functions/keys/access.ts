/** Who may ask for what. A caller shows a credential once; each thing it asks for is then admitted, or refused, in its ledger. */
import { timingSafeEqual } from 'hono/utils/buffer';
import { SpeechFault } from '#shared/errors.ts';
import { readApiKey } from './api-key.ts';
import { readBrowserToken } from './browser-token.ts';
import type { KeyStore } from './key-store.ts';
import type { AdmissionRequest, Allowance } from './ledger.ts';
import { isLoopback } from './loopback.ts';
import type { Scope } from './scopes.ts';
import type { Signer } from './signer.ts';

/** One thing that was admitted. */
export interface Admission {
  /** Null where nothing is counted. */
  readonly allowance: Allowance | null;
  /** Gives the characters back, of a text that nothing was heard of. */
  refund(): Promise<void>;
}

export interface Caller {
  /** Id of the key that pays; null where none does. */
  readonly keyId: string | null;
  /** `characters`: of the text to be spoken, in code points. Throws `unauthorized`, `forbidden`, `rate_limited`, `insufficient_quota`. */
  admit(scope: Scope, characters: number): Promise<Admission>;
  /** What is left, of what is counted. Costs nothing. Throws `unauthorized`, `forbidden`. */
  allowance(scope: Scope): Promise<Allowance | null>;
}

export interface Access {
  /** What `/health` and the playground say of it. */
  readonly mode: 'open on loopback' | 'keys';
  /** Throws `unauthorized`. */
  identify(request: Request): Promise<Caller>;
  /** The key that a signature of ours names; null as `Caller.keyId` has it. */
  ofKey(keyId: string | null): Caller;
}

const NOTHING_COUNTED: Admission = { allowance: null, refund: async () => undefined };

const OPEN: Caller = {
  keyId: null,
  admit: async () => NOTHING_COUNTED,
  allowance: async () => null,
};

/** Local development: no key is asked for, and only this machine may ask. */
export const loopbackAccess: Access = {
  mode: 'open on loopback',
  identify: async (request) => {
    if (isLoopback(request)) return OPEN;
    throw new SpeechFault(
      'unauthorized',
      'This edge has no EDGE_SECRET, so it serves its own machine alone (http://127.0.0.1 or localhost); set EDGE_SECRET and ADMIN_TOKEN, and make keys with POST /v1/keys.',
    );
  },
  ofKey: () => OPEN,
};

interface KeyAccessOptions {
  readonly signer: Signer;
  readonly store: KeyStore;
  /** Bearer token that administers keys, and nothing else; undefined where none is set. */
  readonly adminToken: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function keyAccess(options: KeyAccessOptions): Access {
  const { signer, store, adminToken, now } = options;

  const holder = (id: string, secretHash: string | null, scopes?: readonly Scope[]): Caller => {
    const ask = async (
      scope: Scope,
      costs: Pick<AdmissionRequest, 'characters' | 'requests'>,
    ): Promise<Allowance | null> => {
      if (scopes !== undefined && !scopes.includes(scope)) {
        throw new SpeechFault('forbidden', `This token lacks the scope ${scope}.`);
      }
      const request = { secretHash, scope, ...costs, nowMs: now() };
      const { refusal, allowance } = await store.admit(id, request);
      if (refusal === null) return allowance;
      const { code, message, retryAfterMs } = refusal;
      throw new SpeechFault(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
    };
    return {
      keyId: id,
      admit: async (scope, characters) => {
        const allowance = await ask(scope, { characters });
        const month = allowance?.month ?? '';
        return { allowance, refund: () => store.refund(id, characters, month) };
      },
      allowance: (scope) => ask(scope, { characters: 0, requests: 0 }),
    };
  };

  return {
    mode: 'keys',
    identify: async (request) => {
      const credential = credentialOf(request.headers);
      if (credential === null) throw new SpeechFault('unauthorized', SEND_A_KEY);
      if (adminToken !== undefined && (await timingSafeEqual(credential, adminToken))) {
        return administrator;
      }
      if (credential.startsWith('bt_')) {
        const claims = await readBrowserToken(signer, credential);
        if (claims === null) throw new SpeechFault('unauthorized', 'This token is not valid here.');
        if (now() >= claims.expiresMs) {
          throw new SpeechFault('unauthorized', 'This token has expired; fetch a new one.');
        }
        if (claims.origin !== undefined && pageOf(request) !== claims.origin) {
          throw new SpeechFault('forbidden', 'This token belongs to another origin.');
        }
        return holder(claims.key, null, claims.scopes);
      }
      const key = await readApiKey(signer, credential);
      if (key === null) throw new SpeechFault('unauthorized', 'This API key is not known here.');
      return holder(key.id, key.secretHash);
    },
    ofKey: (keyId) => (keyId === null ? OPEN : holder(keyId, null)),
  };
}

const SEND_A_KEY =
  'An API key is needed: send it as "Authorization: Bearer bk_..." or as "xi-api-key: bk_...".';

const administrator: Caller = {
  keyId: null,
  admit: async (scope) => {
    if (scope === 'keys') return NOTHING_COUNTED;
    throw notForAdministrator();
  },
  allowance: async () => {
    throw notForAdministrator();
  },
};

function notForAdministrator(): SpeechFault {
  return new SpeechFault(
    'forbidden',
    'ADMIN_TOKEN administers keys and nothing else; make a key with POST /v1/keys.',
  );
}

/** The page that asks; a browser names it, but for reading from its own origin. */
function pageOf({ headers, url }: Request): string | null {
  const origin = headers.get('Origin');
  if (origin !== null) return origin;
  return headers.get('Sec-Fetch-Site') === 'same-origin' ? new URL(url).origin : null;
}

function credentialOf(headers: Headers): string | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.get('Authorization') ?? '') ?? [];
  return bearer ?? headers.get('xi-api-key');
}
