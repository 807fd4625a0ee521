/**
 * One request from `speak` to `done` or `fault`: voice, place in the queue, turn, audio within
 * credit. Whoever ends it early calls `abort`; the peer is told at once, the engine keeps its turn
 * until it has really stopped.
 */
import type { SpeechOptions } from '#shared/bark/options.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { textTokens, type TextTokens } from '#shared/bark/shapes.ts';
import type { CodesLayout } from '#shared/codec/codes-layout.ts';
import { describeCause, SpeechFault } from '#shared/errors.ts';
import { MAX_AUDIO_MESSAGE_SAMPLES, REQUEST_TIMEOUT_MS } from '#shared/protocol/limits.ts';
import {
  faultMessage,
  type SpeakMessage,
  type SpeechReport,
  type StageName,
} from '#shared/protocol/messages.ts';
import type { SpeechRequest, Synthesizer, SynthesizerInfo } from '../pipeline/synthesizer.ts';
import type { Clock } from '../clock.ts';
import type { Playback } from '../playback.ts';
import { Credit } from './credit.ts';
import type { Log } from './log.ts';
import type { Outbox } from './outbox.ts';
import { codesPayload, pcmPayload, type Payload } from './payload.ts';
import type { SpeechQueue, Turn } from './queue.ts';
import type { SentenceRecord } from '#shared/protocol/request-record.ts';
import type { Records } from './records.ts';
import { requestName } from './request-name.ts';
import type { VoiceDesk } from './voice-desk.ts';

/** Shortest time between two `progress` messages of a request. */
export const PROGRESS_INTERVAL_MS = 250;

/** What a request needs of its socket and of the server. */
export interface RequestParts {
  readonly message: SpeakMessage;
  readonly synthesizer: Synthesizer;
  readonly queue: SpeechQueue;
  /** Whose request it is where the peer does not say: the socket. */
  readonly lane: object;
  /** What the listener of the text has heard and is still to hear. */
  readonly playback: Playback;
  /** How long a listener waits for the first sound where the peer does not say, in milliseconds. */
  readonly patienceMs: number;
  readonly voices: VoiceDesk;
  readonly records: Records;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Already names socket and request. */
  readonly log: Log;
  /** Called once, when the peer was told the end. */
  readonly onClosed: () => void;
}

type RequestState =
  | { readonly name: 'voice' }
  | { readonly name: 'queue' }
  | { readonly name: 'speaking'; readonly stage: StageName; readonly step: number };

export class OpenRequest {
  readonly #parts: RequestParts;
  readonly #stop = new AbortController();
  readonly #credit: Credit;
  #state: RequestState = { name: 'voice' };
  #isClosed = false;
  /** As it stands in the records while it runs. */
  #running: SentenceRecord | undefined;
  #samples = 0;
  #sequence = 0;
  #progressMs = Number.NEGATIVE_INFINITY;

  constructor(parts: RequestParts) {
    this.#parts = parts;
    this.#credit = new Credit(parts.clock);
  }

  grant(samples: number): void {
    this.#credit.grant(samples);
  }

  /** Ends the request: the fault is sent at once, work stops within a step. */
  abort(fault: SpeechFault): void {
    if (this.#isClosed) return;
    this.#close();
    this.#parts.outbox.message(faultMessage(this.#parts.message.request, fault));
    this.#stop.abort(fault);
  }

  /** Carries the request to its end; resolves once the engine has let go of it, never rejects. */
  async run(): Promise<void> {
    const stopTimer = this.#parts.clock.after(REQUEST_TIMEOUT_MS, () =>
      this.abort(
        new SpeechFault(
          'timeout',
          `The sentence was not spoken within ${REQUEST_TIMEOUT_MS / 60_000} minutes.`,
        ),
      ),
    );
    try {
      await this.#speak();
    } catch (error) {
      this.abort(SpeechFault.from(error));
      this.#logFault(error);
    } finally {
      stopTimer();
    }
  }

  async #speak(): Promise<void> {
    const { message, queue, lane, voices, outbox, clock, synthesizer } = this.#parts;
    const { playback, patienceMs } = this.#parts;
    const { signal } = this.#stop;
    const text = checkedText(message, synthesizer.info);
    const options = checkedOptions(message.options);
    const layout = checkedCodes(message, synthesizer.info);
    const voice =
      message.voice === null ? null : await voices.voice(message.request, message.voice, signal);
    if (voice !== null) checkVoice(voice, synthesizer.info);
    const place = queue.enter({
      lane: message.caller ?? lane,
      signal,
      patienceMs: message.patienceMs ?? patienceMs,
      ...(message.row > 0 && playback.hasBegun ? { continues: playback } : {}),
    });
    this.#state = { name: 'queue' };
    const enteredMs = clock.now();
    this.#recordRunning();
    outbox.message({ type: 'accepted', request: message.request, position: place.position });
    const turn = await place.turn;
    try {
      const queueMs = Math.max(0, clock.now() - enteredMs);
      const { latency, seed, row } = message;
      const content = layout === null ? 'samples' : 'codes';
      const request = { text, voice, options, latency, seed, row, content } as const;
      const report = await this.#sound(request, turn, layout);
      this.#done({ ...report, queueMs: report.queueMs + queueMs });
    } finally {
      turn.end();
    }
  }

  /** Pulls the engine and sends what it says; nothing is pulled while audio waits for its reader. */
  async #sound(
    request: SpeechRequest,
    turn: Turn,
    layout: CodesLayout | null,
  ): Promise<SpeechReport> {
    const { signal } = this.#stop;
    this.#state = { name: 'speaking', stage: 'semantic', step: 0 };
    // an abort while the turn was handed over
    signal.throwIfAborted();
    for await (const event of this.#parts.synthesizer.speak(request, signal)) {
      signal.throwIfAborted();
      switch (event.type) {
        case 'progress':
          this.#state = { name: 'speaking', stage: event.stage, step: event.step };
          this.#sendProgress(event.stage, event.step);
          break;
        case 'audio':
          await this.#send(pcmPayload(event.samples), turn, signal);
          break;
        case 'codes':
          if (layout === null) throw new Error('The synthesizer gave codes that nobody wants.');
          await this.#send(codesPayload(event.codes, layout), turn, signal);
          break;
        case 'done':
          return event.report;
        default:
          event satisfies never;
      }
    }
    signal.throwIfAborted();
    throw new Error('The synthesizer ended without a report.');
  }

  async #send(payload: Payload, turn: Turn, signal: AbortSignal): Promise<void> {
    const { outbox, message } = this.#parts;
    const { kind, samples, unitSamples } = payload;
    // a frame that is longer than a message may be is one by itself
    const most = Math.max(unitSamples, MAX_AUDIO_MESSAGE_SAMPLES);
    for (let from = 0; from < samples;) {
      const wanted = Math.min(samples - from, most);
      // a slow reader holds its own sentence, not the engine
      if (outbox.isFull || !this.#credit.has(unitSamples)) turn.pause();
      await outbox.drained(signal);
      const count = await this.#credit.spend(wanted, signal, unitSamples);
      outbox.audio({
        kind,
        request: message.request,
        sequence: this.#sequence,
        sampleOffset: this.#samples,
        payload: payload.bytes(from, from + count),
      });
      from += count;
      this.#samples += count;
      this.#sequence += 1;
    }
    turn.resume();
    const durationMs = (1_000 * samples) / this.#parts.synthesizer.info.sampleRate;
    turn.heard(durationMs);
    this.#parts.playback.add(durationMs, this.#parts.clock.now());
  }

  #sendProgress(stage: StageName, step: number): void {
    const { clock, outbox, message } = this.#parts;
    const nowMs = clock.now();
    // a slow reader misses some, it never makes them pile up
    if (nowMs - this.#progressMs < PROGRESS_INTERVAL_MS || outbox.isFull) return;
    this.#progressMs = nowMs;
    outbox.message({ type: 'progress', request: message.request, stage, step });
  }

  #done(report: SpeechReport): void {
    const { outbox, message, log } = this.#parts;
    if (this.#isClosed) return;
    outbox.message({ type: 'done', request: message.request, samples: this.#samples, report });
    this.#close();
    this.#record('done', report);
    log('spoken', {
      ...this.#name,
      tokens: message.ids.length,
      voice: message.voice?.slice(0, 8) ?? null,
      samples: this.#samples,
      queueMs: Math.round(report.queueMs),
      firstAudioMs: Math.round(report.firstAudioMs),
      totalMs: Math.round(report.totalMs),
      semanticMs: Math.round(report.semantic.ms),
      coarseMs: Math.round(report.coarse.ms),
      fineMs: Math.round(report.fine.ms),
      codecMs: Math.round(report.codec.ms),
    });
  }

  #close(): void {
    this.#isClosed = true;
    this.#parts.onClosed();
  }

  #record(outcome: string, report: SpeechReport | null): void {
    const { message, records } = this.#parts;
    const name = requestName(message);
    if (name === null) return;
    const { row } = message;
    records.add(name, { row, outcome, samples: this.#samples, report }, this.#running);
  }

  #recordRunning(): void {
    const { message, records } = this.#parts;
    const name = requestName(message);
    if (name === null) return;
    const samples = (): number => this.#samples;
    this.#running = {
      row: message.row,
      outcome: 'running',
      report: null,
      get samples() {
        return samples();
      },
    };
    records.add(name, this.#running);
  }

  /** How the edge calls it, for the log. */
  get #name(): { readonly id?: string } {
    const { id } = this.#parts.message;
    return id === undefined ? {} : { id };
  }

  #logFault(error: unknown): void {
    // what stopped the request says more than the error with which the engine left
    const reason: unknown = this.#stop.signal.reason ?? error;
    const fault = SpeechFault.from(reason);
    const where =
      this.#state.name === 'speaking'
        ? { stage: this.#state.stage, step: this.#state.step }
        : { stage: this.#state.name, step: 0 };
    this.#record(fault.code, null);
    this.#parts.log(fault.code === 'cancelled' ? 'cancelled' : 'failed', {
      ...this.#name,
      ...where,
      samples: this.#samples,
      ...(fault.code === 'cancelled' ? {} : { code: fault.code }),
      ...(fault.cause === undefined ? {} : { cause: describeCause(fault.cause) }),
    });
  }
}

/** How the codes that are asked for are told; null for samples. */
function checkedCodes({ codes }: SpeakMessage, info: SynthesizerInfo): CodesLayout | null {
  if (codes === undefined) return null;
  if (codes === info.codes?.decoder) return info.codes;
  throw new SpeechFault(
    'backend_mismatch',
    info.codes === null
      ? `The codes of ${info.model} can not be told; ask for samples.`
      : 'The codes are wanted for another decoder than this backend has by now; ask again.',
  );
}

function checkedText(message: SpeakMessage, info: SynthesizerInfo): TextTokens {
  const { ids, mask, latency } = message;
  if (ids.length > info.maxSentenceTokens) {
    throw new SpeechFault(
      'text_too_long',
      `The sentence has ${ids.length} tokens; ${info.maxSentenceTokens} fit. Split it.`,
    );
  }
  if (mask !== undefined && mask.length !== ids.length) {
    throw new SpeechFault(
      'invalid_request',
      `The mask has ${mask.length} entries; the ${ids.length} ids need as many.`,
      { param: 'mask' },
    );
  }
  if (!info.latencyModes.includes(latency)) {
    throw new SpeechFault(
      'invalid_request',
      `This backend does not speak with latency ${latency}; it has ${info.latencyModes.join(', ')}.`,
      { param: 'latency' },
    );
  }
  if (ids.some((id) => id >= info.textVocabularySize)) {
    throw new SpeechFault(
      'invalid_request',
      `An id lies beyond the checkpoint's vocabulary of ${info.textVocabularySize}; tokenize with the vocabulary of ${info.model}.`,
      { param: 'ids' },
    );
  }
  return textTokens(Int32Array.from(ids), mask === undefined ? undefined : Uint8Array.from(mask));
}

function checkVoice(
  { semanticPrompt, finePrompt, coarsePrompt }: Voice,
  info: SynthesizerInfo,
): void {
  const { semanticVocabularySize, codebookSize, model } = info;
  const fits =
    semanticPrompt.every((token) => token < semanticVocabularySize) &&
    coarsePrompt.every((code) => code < codebookSize) &&
    finePrompt.every((code) => code < codebookSize);
  if (fits) return;
  throw new SpeechFault(
    'invalid_request',
    `The voice was made for another checkpoint: ${model} has ${semanticVocabularySize} semantic tokens and codebooks of ${codebookSize}. Choose one of its own.`,
    { param: 'voice' },
  );
}

function checkedOptions(options: SpeakMessage['options']): SpeechOptions {
  if (isComplete(options)) return options;
  throw new SpeechFault('invalid_request', 'An option may be left out, not undefined.', {
    param: 'options',
  });
}

/** JSON has no `undefined`; only the type of the message allows it. */
function isComplete(options: SpeakMessage['options']): options is SpeechOptions {
  const { semantic = {}, coarse = {}, fine = {} } = options;
  return [options, semantic, coarse, fine].every((group) =>
    Object.values(group).every((value) => value !== undefined),
  );
}
