/**
 * From a text to speech that has begun: checkpoint and connection, voice and tokens, seed, and the
 * first sentence accepted. Until then every fault still has an HTTP status of its own.
 */
import type { LatencyMode } from '#shared/bark/options.ts';
import type { VoiceEntry } from '#shared/bark/manifest.ts';
import type { CodesLayout } from '#shared/codec/codes-layout.ts';
import type { CodesPart } from '#shared/codec/codes-stream.ts';
import { SpeechFault } from '#shared/errors.ts';
import type { SpeakMessage, SpeechReport } from '#shared/protocol/messages.ts';
import type { NormalizationMode } from '#shared/text/normalize/normalize-text.ts';
import type {
  Acceptance,
  Asker,
  CanonicalVoice,
  SpeechSession,
  SpokenSentence,
  Synthesizer,
} from '../backend/synthesizer.ts';
import {
  isMismatch,
  type CacheUse,
  type CachingSynthesizer,
} from '../takes/caching-synthesizer.ts';
import { keptKey, sentenceKey, speakerOf, takeId } from '../takes/sentence-key.ts';
import type { Checkpoint, StagedCheckpoint } from './staged-checkpoint.ts';
import type { Manner } from '../text/instructions.ts';
import { tokenizeText, type TokenizedSentence } from '../text/tokenize-text.ts';
import { voiceOfOpenAiName } from '../voices/openai-voices.ts';
import { assertTold, toldLayout } from './told-codes.ts';
import { codesJoiner, sampleJoiner } from './joiners.ts';
import { contentSeed } from './seed.ts';
import { speakSentences } from './speak-sentences.ts';
import { Stopwatch } from './stopwatch.ts';

/** What is to be spoken, and how. */
export interface SpeechOrder {
  readonly text: string;
  /** Undefined takes the default of the manifest, null speaks without history. */
  readonly voice: string | null | undefined;
  readonly options: SpeakMessage['options'];
  readonly latency: LatencyMode | undefined;
  /** Whether numbers, markup and addresses are spoken as they are read; `auto` when left out. */
  readonly normalization?: NormalizationMode;
  /** Beyond the words; plain when left out. */
  readonly manner?: Manner;
  /** Undefined derives one from voice, options, latency mode and model, so that what was spoken once is known again. */
  readonly seed: number | undefined;
  /** `codes` leaves decoding to the listener; `samples` when left out. */
  readonly content?: 'samples' | 'codes';
  /** `none` neither plays nor keeps what was spoken; `read` when left out. */
  readonly cache?: CacheUse | 'none';
  /** Without one it is spoken for nobody in particular. */
  readonly asker?: Asker;
}

/** What is heard, piece by piece; ends the session when it ends, fails or is returned. */
export type SpokenSound =
  /** s16 mono. */
  | { readonly kind: 'samples'; readonly pieces: AsyncGenerator<Int16Array, void, undefined> }
  | {
      readonly kind: 'codes';
      readonly layout: CodesLayout;
      readonly pieces: AsyncGenerator<CodesPart, void, undefined>;
    };

/** How much of a text was kept from before: all, some, nothing, or nobody looked. */
export type CacheOutcome = 'hit' | 'partial' | 'miss' | 'bypass';

/** Speech that will be heard, and what is known of it. */
export interface Speech {
  /** Names this sound: the same words of the same voice, options, seed and model have the same id. */
  readonly take: string;
  /** Of its sentences, in their order. */
  readonly keys: readonly string[];
  readonly cache: CacheOutcome;
  readonly seed: number;
  readonly model: string;
  /** Null without history. */
  readonly voice: string | null;
  readonly sampleRate: number;
  /** In their order. */
  readonly sentences: readonly SpokenSpan[];
  readonly inputTokens: number;
  /** Milliseconds by step, in the order in which they were taken. */
  readonly timings: Readonly<Record<string, number>>;
  readonly sound: SpokenSound;
  /** How the backend tells codes; null where it does not. */
  readonly layout: CodesLayout | null;
  /** Place of the first sentence in the backend's queue; undefined where it needed none, or none was told. */
  readonly position: number | undefined;
  /** One for each sentence that has ended. */
  readonly reports: readonly SpeechReport[];
  /** Where each of these came from. */
  readonly acceptances: readonly Acceptance[];
}

/** A sentence in the text as it was given, and in its audio. */
export interface SpokenSpan {
  /** From this code unit, before `end`. */
  readonly start: number;
  readonly end: number;
  /** When it is heard, in samples of the speech; undefined until it has begun, or ended. */
  fromSample?: number;
  toSample?: number;
}

export interface SpeechServices {
  /** The backend itself. */
  readonly synthesizer: Synthesizer;
  /** The backend behind what is kept; null where nothing is. */
  readonly takes: CachingSynthesizer | null;
  readonly checkpoint: StagedCheckpoint;
  /** Milliseconds of a clock. */
  readonly now: () => number;
}

/** Latency mode of a request that asks for none, where the backend has it: early sound, close to the reference's. */
const DEFAULT_LATENCY: LatencyMode = 'balanced';

/** A voice name that speaks without history, unless the manifest has a voice of this name. */
export const NO_VOICE = 'none';

/** What was believed of the backend may be of the one before it: then it is asked anew, and a mismatch is a true one. */
export async function beginSpeech(
  services: SpeechServices,
  order: SpeechOrder,
  signal: AbortSignal,
): Promise<Speech> {
  try {
    return await begin(services, order, signal);
  } catch (error) {
    if (services.takes === null || order.cache === 'none' || !isMismatch(error)) throw error;
    services.takes.forget();
    return begin(services, order, signal);
  }
}

async function begin(
  services: SpeechServices,
  order: SpeechOrder,
  signal: AbortSignal,
): Promise<Speech> {
  const watch = new Stopwatch(services.now);
  const checkpoint = await watch.time('stage', services.checkpoint.get());
  const entry = chooseVoice(order.voice, checkpoint);
  const use = order.cache ?? 'read';
  const takes = use === 'none' ? null : services.takes;
  const synthesizer = takes === null || use === 'none' ? services.synthesizer : takes.using(use);
  const connecting = watch.time('connect', synthesizer.connect(signal, order.asker));
  try {
    const [session, voice, tokenizer] = await Promise.all([
      connecting,
      entry === null ? null : watch.time('voice', checkpoint.voices.get(entry.id)),
      watch.time('vocabulary', checkpoint.wordPiece()),
    ]);
    services.checkpoint.assertServedBy(session.info, checkpoint.manifest);
    const tokenized = watch.timeSync('tokenize', () =>
      tokenizeText(order.text, {
        tokenizer,
        maxTokens: session.info.maxSentenceTokens,
        language: entry?.language ?? null,
        normalization: order.normalization ?? 'auto',
        ...(order.manner === undefined ? {} : { manner: order.manner }),
      }),
    );
    const voiceId = entry?.id ?? null;
    return await ask({ watch, session, takes, voiceId, voice, tokenized, order, signal });
  } catch (error) {
    // the connection may come later than the fault
    connecting.then(
      (session) => session.close(),
      () => undefined,
    );
    throw error;
  }
}

interface Prepared {
  readonly watch: Stopwatch;
  readonly session: SpeechSession;
  /** Null when nobody looks at what is kept. */
  readonly takes: CachingSynthesizer | null;
  readonly voiceId: string | null;
  readonly voice: CanonicalVoice | null;
  readonly tokenized: readonly TokenizedSentence[];
  readonly order: SpeechOrder;
  readonly signal: AbortSignal;
}

async function ask(prepared: Prepared): Promise<Speech> {
  const { watch, session, takes, voiceId, voice, tokenized, order, signal } = prepared;
  const { options } = order;
  const { model, sampleRate, latencyModes } = session.info;
  const latency = chooseLatency(order.latency, latencyModes);
  const seed =
    order.seed ?? (await contentSeed({ model, voice: voice?.hash ?? null, options, latency }));
  const layout = toldLayout(session.info);
  const codes = order.content === 'codes' ? assertTold(layout) : null;
  const sentences = await Promise.all(
    tokenized.map(async ({ ids }, row) => {
      const sentence = { ids, voice, options, latency, seed, row, codes };
      return { ...sentence, key: await sentenceKey(speakerOf(session.info), sentence) };
    }),
  );
  const spans: SpokenSpan[] = tokenized.map(({ start, end }) => ({ start, end }));
  const speak = (row: number): SpokenSentence => {
    const sentence = sentences[row];
    if (sentence === undefined) throw new RangeError(`there is no sentence ${row}`);
    return session.speak(sentence);
  };
  const first = speak(0);
  const keys = sentences.map(({ key }) => key);
  const [cache, { position }] = await Promise.all([
    cacheOutcome(takes, order.cache, {
      first,
      keys: keys.map((key) => keptKey(key, codes?.decoder ?? null)),
    }),
    watch.time('accept', first.accepted),
  ]);

  const reports: SpeechReport[] = [];
  const acceptances: Acceptance[] = [];
  const onReport = (report: SpeechReport, acceptance: Acceptance): void => {
    reports.push(report);
    acceptances.push(acceptance);
  };
  const speaking = { speak, spans, first, signal, onReport };
  return {
    take: await takeId(keys),
    keys,
    cache,
    seed,
    model,
    voice: voiceId,
    sampleRate,
    sentences: spans,
    inputTokens: tokenized.reduce((sum, { ids }) => sum + ids.length, 0),
    timings: watch.timings,
    layout,
    sound:
      codes === null
        ? {
            kind: 'samples',
            pieces: closing(
              session,
              speakSentences({ ...speaking, joiner: sampleJoiner(sampleRate) }),
            ),
          }
        : {
            kind: 'codes',
            layout: codes,
            pieces: closing(session, speakSentences({ ...speaking, joiner: codesJoiner(codes) })),
          },
    position,
    reports,
    acceptances,
  };
}

async function cacheOutcome(
  takes: CachingSynthesizer | null,
  use: SpeechOrder['cache'],
  { first, keys }: { readonly first: SpokenSentence; readonly keys: readonly string[] },
): Promise<CacheOutcome> {
  if (takes === null) return 'bypass';
  if (use === 'refresh') return 'miss';
  const later = await Promise.all(keys.slice(1).map((key) => takes.isKept(key)));
  const { origin } = await first.accepted;
  const known = [origin === 'kept', ...later];
  if (known.every(Boolean)) return 'hit';
  return known.some(Boolean) ? 'partial' : 'miss';
}

/** The same pieces; whatever way they end, the session ends too. */
async function* closing<Piece>(
  session: SpeechSession,
  pieces: AsyncGenerator<Piece, void, undefined>,
): AsyncGenerator<Piece, void, undefined> {
  try {
    yield* pieces;
  } finally {
    session.close();
  }
}

/** The voice to use, null for none; `voice_not_found` before anything is loaded. */
export function chooseVoice(
  asked: SpeechOrder['voice'],
  { manifest, voices }: Checkpoint,
): VoiceEntry | null {
  const id = asked === undefined ? manifest.defaultVoice : asked;
  if (id === null || (id === NO_VOICE && !voices.has(NO_VOICE))) return null;
  return voices.entry(voices.has(id) ? id : (voiceOfOpenAiName(id, manifest) ?? id));
}

function chooseLatency(
  asked: LatencyMode | undefined,
  offered: readonly LatencyMode[],
): LatencyMode {
  if (asked === undefined) {
    return offered.includes(DEFAULT_LATENCY) ? DEFAULT_LATENCY : (offered[0] ?? DEFAULT_LATENCY);
  }
  if (offered.includes(asked)) return asked;
  throw new SpeechFault(
    'invalid_request',
    `latency ${asked} is not offered by this backend; there is ${offered.join(', ')}.`,
    { param: 'latency' },
  );
}
