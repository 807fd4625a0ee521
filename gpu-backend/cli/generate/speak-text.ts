/** A text of any length to audio: sentence by sentence, in one voice, with a pause between them. */
import { SoftEnds } from '#shared/audio/soft-ends.ts';
import { bytesFromSamples, samplesFromBytes, silence } from '#shared/audio/pcm.ts';
import type { LatencyMode, SpeechOptions } from '#shared/bark/options.ts';
import { fitSentences, splitSentences } from '#shared/text/sentences.ts';
import type { Waveform } from '#shared/bark/shapes.ts';
import { COARSE_CODEBOOKS, FINE_CODEBOOKS } from '#shared/bark/constants.ts';
import { voiceFromPrompts, type Voice } from '#shared/bark/voice.ts';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { BarkModels } from '../../pipeline/models.ts';
import { encodePcm } from '../../server/pcm.ts';
import { CliError } from '../cli-error.ts';
import { dumpSentence, type SpokenStages } from './dump-folder.ts';
import { type Listener, speakSentence, type Speaker, speakStages } from './speak.ts';

/** Between two sentences. */
const PAUSE_MS = 250;

/** Texts to BERT ids. */
interface Tokenizer {
  encode(text: string): Int32Array;
}

export interface SpeechOrder {
  readonly text: string;
  /** ISO 639-1, for abbreviations and ordinals; null knows those of all languages. */
  readonly language: string | null;
  readonly voice: { readonly name: string; readonly prompts: Voice } | null;
  readonly options: SpeechOptions;
  readonly latency: LatencyMode;
  readonly seed: number;
  /** Where every stage is written to; null does not. */
  readonly dumpFolder: string | null;
}

export interface SpeechTools {
  readonly checkpoint: Checkpoint;
  readonly models: BarkModels;
  readonly tokenizer: Tokenizer;
  readonly write: (pcm: Uint8Array) => Promise<void>;
  readonly onStep: (sentence: number, sentences: number, stage: string, step: number) => void;
  readonly onNote: (sentence: string) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export interface SpokenText {
  readonly sentences: number;
  readonly audioSeconds: number;
  /** Null where nothing could be heard. */
  readonly firstAudioMs: number | null;
  readonly totalMs: number;
}

/** Speaks; throws CliError where the text holds nothing to say. */
export async function speakText(
  tools: SpeechTools,
  order: SpeechOrder,
  signal: AbortSignal,
): Promise<SpokenText> {
  const { checkpoint, models, tokenizer, write, onStep, onNote, now } = tools;
  const { generation } = checkpoint;
  const beganMs = now();
  const sentences = sentencesOf(order, tokenizer, generation.semantic.maxInputSemanticLength);
  let speaker: Speaker = { ...order, models, generation, voice: order.voice?.prompts ?? null };
  const limit = order.options.semantic?.maxNewTokens ?? generation.semantic.maxNewTokens;
  let samples = 0;
  let firstAudioMs: number | null = null;
  const send = async (pcm: Int16Array): Promise<void> => {
    if (pcm.length === 0) return;
    samples += pcm.length;
    await write(bytesFromSamples(pcm));
  };

  for (const [index, ids] of sentences.entries()) {
    const ends = new SoftEnds(generation.sampleRate);
    if (index > 0) await send(silence(PAUSE_MS, generation.sampleRate));
    const listener: Listener = {
      onStep: (stage, step) => onStep(index, sentences.length, stage, step),
      onAudio: async (audio) => {
        firstAudioMs ??= now() - beganMs;
        await send(ends.write(toPcm(audio)));
      },
    };
    let semanticTokens: number;
    const isVoiceWanted = speaker.voice === null && sentences.length > 1;
    if (order.dumpFolder === null && !isVoiceWanted) {
      ({ semanticTokens } = await speakSentence(speaker, ids, index, listener, signal));
    } else {
      const stages = await speakStages(speaker, ids, index, listener.onStep, signal);
      if (order.dumpFolder !== null) {
        await dumpSentence(order.dumpFolder, index, stages, factsOf(order, checkpoint, index));
      }
      await listener.onAudio(stages.audio);
      semanticTokens = stages.semantic.length;
      // who spoke first speaks on
      if (isVoiceWanted && semanticTokens > 0) speaker = { ...speaker, voice: voiceOf(stages) };
    }
    await send(ends.end());
    const which = sentences.length === 1 ? 'The sentence' : `Sentence ${index + 1}`;
    if (semanticTokens === 0) onNote(`${which} stayed silent; another --seed may say it.`);
    else if (semanticTokens >= limit) {
      onNote(`${which} met the limit of ${limit} semantic tokens and may be cut short.`);
    }
  }
  return {
    sentences: sentences.length,
    audioSeconds: samples / generation.sampleRate,
    firstAudioMs,
    totalMs: now() - beganMs,
  };
}

function factsOf(
  { seed, voice, options }: SpeechOrder,
  { model, generation }: Checkpoint,
  row: number,
): Readonly<Record<string, unknown>> {
  const { sampleRate } = generation;
  return { model, seed, row, voice: voice?.name ?? null, options, sampleRate };
}

function voiceOf({ semantic, coarse, fine }: SpokenStages): Voice {
  const frames = fine.length / FINE_CODEBOOKS;
  return voiceFromPrompts({
    semantic_prompt: { shape: [semantic.length], data: semantic },
    coarse_prompt: { shape: [COARSE_CODEBOOKS, frames], data: coarse },
    fine_prompt: { shape: [FINE_CODEBOOKS, frames], data: fine },
  });
}

/** The ids of every sentence; none is dropped but those without any. */
function sentencesOf(
  { text, language }: SpeechOrder,
  tokenizer: Tokenizer,
  maxTokens: number,
): Int32Array[] {
  const sentences = fitSentences(
    splitSentences(text, language === null ? {} : { language }),
    (sentence) => tokenizer.encode(sentence).length,
    maxTokens,
  )
    .map((sentence) => tokenizer.encode(sentence))
    .filter(({ length }) => length > 0);
  if (sentences.length > 0) return sentences;
  throw new CliError('The text holds nothing that can be spoken; give letters or digits.');
}

function toPcm(audio: Waveform): Int16Array {
  return samplesFromBytes(encodePcm(audio));
}
