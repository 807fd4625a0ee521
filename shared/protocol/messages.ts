/**
 * The JSON half of the wire between edge (client) and backend (server):
 *
 *   backend: hello                       who I am, before anything else
 *   edge:    speak, credit               one sentence, and how many samples I can take
 *   backend: voice-needed                only if I have not met this voice; the edge sends it (binary)
 *   backend: accepted                    it will be spoken: HTTP headers may go out
 *   backend: progress ... audio ... done audio is binary; `done` closes the request, so does `fault`
 *   edge:    credit ..., cancel          as the reader reads, or goes away
 *
 * Every message about a request names it; numbers of requests are the edge's, unique on its socket.
 * Unknown types are ignored (null from the parser), known ones are checked whole.
 */
import { z } from 'zod/mini';
import { MAX_CODE_BITS } from '../codec/codes-layout.ts';
import { isFaultCode, SpeechFault, type FaultCode } from '../errors.ts';
import { MAX_CREDIT_SAMPLES, MAX_JSON_BYTES } from './limits.ts';

const uint32 = z.int().check(z.gte(0), z.lte(0xffff_ffff));
const count = z.int().check(z.gte(0));
const ms = z.number().check(z.gte(0));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const name = z.string().check(z.regex(/^[\w=-]{1,128}$/));
const temperature = z.nullable(z.number().check(z.gt(0), z.lte(100)));
const latency = z.enum(['exact', 'balanced', 'fast']);
const stage = z.enum(['semantic', 'coarse', 'fine', 'codec']);

const sampling = {
  doSample: z.optional(z.boolean()),
  temperature: z.optional(temperature),
  topK: z.optional(z.nullable(z.int().check(z.gte(1)))),
  topP: z.optional(z.nullable(z.number().check(z.gt(0), z.lte(1)))),
};

/** The options of a request as they stand on the wire and, with the same names, in the library. */
export const speechOptions = z.strictObject({
  semantic: z.optional(
    z.strictObject({
      ...sampling,
      minEosP: z.optional(z.nullable(z.number().check(z.gt(0), z.lt(1)))),
      maxNewTokens: z.optional(z.int().check(z.gte(1), z.lte(768))),
      minNewTokens: z.optional(z.nullable(z.int().check(z.gte(0), z.lte(768)))),
    }),
  ),
  coarse: z.optional(z.strictObject(sampling)),
  fine: z.optional(z.strictObject({ temperature: z.optional(temperature) })),
});

const speak = z.object({
  type: z.literal('speak'),
  request: uint32,
  /** BERT ids of one sentence, before Bark's offset. */
  ids: z.array(uint32).check(z.minLength(1), z.maxLength(4_096)),
  /** 1 for a token, 0 for padding; left out when nothing is padding. */
  mask: z.optional(z.array(z.int().check(z.gte(0), z.lte(1))).check(z.maxLength(4_096))),
  /** The hash of the voice; null speaks without history. */
  voice: z.nullable(sha256),
  options: speechOptions,
  latency,
  /** Chooses the take: the same seed and row give the same tokens. */
  seed: z.int().check(z.gte(0)),
  /** Which sentence of the text this is, so that one seed serves them all. */
  row: uint32,
  /** Whose request it is, in any stable words that name nobody: callers take turns. */
  caller: z.optional(name),
  /** Under what name what it cost can be asked for later; sentences of one text share it. */
  id: z.optional(name),
  /** How long its listener will wait for the first sound. */
  patienceMs: z.optional(ms),
  /** Codes for the decoder of this hash, in the place of samples; only to a backend whose hello has `codes`. */
  codes: z.optional(sha256),
});

const credit = z.object({
  type: z.literal('credit'),
  request: uint32,
  /** Samples that may be sent on top of what was granted before. */
  samples: z.int().check(z.gte(1), z.lte(MAX_CREDIT_SAMPLES)),
});

const cancel = z.object({ type: z.literal('cancel'), request: uint32 });
const ping = z.object({ type: z.literal('ping') });
const pong = z.object({ type: z.literal('pong') });

const hello = z.object({
  type: z.literal('hello'),
  protocol: z.literal(1),
  /** The checkpoint's id, for example `bark-small`. */
  model: z.string().check(z.minLength(1), z.maxLength(200)),
  /** Names all that decides the sound on its side: weights, precision, device and runtime; another one sounds another way. */
  fingerprint: z.optional(sha256),
  /** SHA-256 of the `vocab.txt` beside the checkpoint; null where it has none. */
  vocabulary: z.nullable(sha256),
  /** Samples a second of all audio. */
  sampleRate: count,
  /** Most ids of one sentence. */
  maxSentenceTokens: count,
  latencyModes: z.array(latency),
  /** How codes are told, by a backend that gives them. */
  codes: z.optional(
    z.object({
      /** SHA-256 of the ONNX file that decodes them. */
      decoder: sha256,
      /** Codes of a frame. */
      codebooks: z.int().check(z.gte(1), z.lte(255)),
      /** Bits of a code. */
      codeBits: z.int().check(z.gte(1), z.lte(MAX_CODE_BITS)),
      /** Samples of a frame. */
      hopSamples: z.int().check(z.gte(1), z.lte(0xffff)),
      /** Fewest frames of a sentence's first chunk. */
      firstChunkFrames: z.int().check(z.gte(1), z.lte(255)),
    }),
  ),
  /** Of a backend that goes away: at the latest then; it speaks only what goes on with a text that is heard. */
  drainsWithinMs: z.optional(ms),
});

const accepted = z.object({
  type: z.literal('accepted'),
  request: uint32,
  /** Its place in the queue: 0 speaks at once, 1 is next. */
  position: z.optional(count),
});
const voiceNeeded = z.object({ type: z.literal('voice-needed'), request: uint32, voice: sha256 });

const progress = z.object({
  type: z.literal('progress'),
  request: uint32,
  stage,
  /** Steps that the stage has done: tokens, tokens, forwards, frames. */
  step: count,
});

/** What `done` reports of a stage: its own compute time and steps. */
const stageReport = z.object({ ms, steps: count });

export const speechReport = z.object({
  /** Waiting for the engine. */
  queueMs: ms,
  /** From the start of work to the first samples. */
  firstAudioMs: ms,
  totalMs: ms,
  semantic: stageReport,
  coarse: stageReport,
  fine: stageReport,
  codec: stageReport,
});

const done = z.object({
  type: z.literal('done'),
  request: uint32,
  /** Samples sent in all. */
  samples: count,
  report: speechReport,
});

const fault = z.object({
  type: z.literal('fault'),
  /** Null when the whole socket is at fault; it is then closed. */
  request: z.nullable(uint32),
  code: z.string().check(z.maxLength(64)),
  message: z.string().check(z.maxLength(1_000)),
  retryAfterMs: z.optional(ms),
  /** Of `busy`: the place in the queue that the request would have had; 1 is next. */
  position: z.optional(count),
});

/** No new texts, please: the server goes away once those that are heard are done, at the latest then. */
const drain = z.object({ type: z.literal('drain'), withinMs: ms });

const clientMessage = z.discriminatedUnion('type', [speak, credit, cancel, ping, pong]);
const serverMessage = z.discriminatedUnion('type', [
  hello,
  accepted,
  voiceNeeded,
  progress,
  done,
  fault,
  drain,
  ping,
  pong,
]);

export type ClientMessage = z.infer<typeof clientMessage>;
export type ServerMessage = z.infer<typeof serverMessage>;
export type SpeakMessage = z.infer<typeof speak>;
export type HelloMessage = z.infer<typeof hello>;
export type SpeechReport = z.infer<typeof speechReport>;
export type StageName = z.infer<typeof stage>;

const CLIENT_TYPES = new Set(['speak', 'credit', 'cancel', 'ping', 'pong']);
const SERVER_TYPES = new Set([
  'hello',
  'accepted',
  'voice-needed',
  'progress',
  'done',
  'fault',
  'drain',
  'ping',
  'pong',
]);

export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message);
}

/** What the edge said; null for a type of the future. Throws `invalid_request` that names the field, never its value. */
export function parseClientMessage(text: string): ClientMessage | null {
  return parse(text, CLIENT_TYPES, clientMessage);
}

/** What the backend said; null for a type of the future. Throws as `parseClientMessage` does. */
export function parseServerMessage(text: string): ServerMessage | null {
  return parse(text, SERVER_TYPES, serverMessage);
}

function parse<Schema extends z.ZodMiniType>(
  text: string,
  types: ReadonlySet<string>,
  schema: Schema,
): z.infer<Schema> | null {
  // a JavaScript character is at most three bytes of UTF-8: this bounds both
  if (text.length > MAX_JSON_BYTES) {
    throw new SpeechFault(
      'invalid_request',
      `A JSON message may have ${MAX_JSON_BYTES} characters.`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SpeechFault('invalid_request', 'A text message must be JSON.', { cause });
  }
  const type =
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
      ? value.type
      : undefined;
  if (type === undefined) {
    throw new SpeechFault('invalid_request', 'A message must be an object with a `type`.');
  }
  if (!types.has(type)) return null;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new SpeechFault(
    'invalid_request',
    `The message ${type} is not valid at ${field === '' ? 'its top level' : field}.`,
    { param: field },
  );
}

/** A fault as the backend sends it. */
export function faultMessage(request: number | null, failure: SpeechFault): ServerMessage {
  return {
    type: 'fault',
    request,
    code: failure.code,
    message: failure.message,
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
    ...(failure.position === undefined ? {} : { position: failure.position }),
  };
}

/** The fault that a message tells of; a code of the future counts as `backend_failed`. */
export function faultFromMessage(message: Extract<ServerMessage, { type: 'fault' }>): SpeechFault {
  const code: FaultCode = isFaultCode(message.code) ? message.code : 'backend_failed';
  const { retryAfterMs, position } = message;
  return new SpeechFault(code, message.message, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(position === undefined ? {} : { position }),
  });
}
