/**
 * The library: Bark, text to speech, as transformers offers it. Section numbers in the documentation of these names
 * are those of the inference reference that the engine follows; tokens are the reference's where it is deterministic.
 *
 * @example
 * const processor = await BarkProcessor.fromPretrained('models/bark-small');
 * const model = await BarkModel.fromPretrained('models/bark-small');
 * const inputs = await processor.process('Hello, my dog is cute.', { voicePreset: 'v2/en_speaker_6' });
 * const { audio: [samples], sampleRate } = await model.generate(inputs);
 */

// speak
export { BarkModel } from './bark-model.ts';
export type { BarkModelOptions, StreamOptions } from './bark-model.ts';
export type { GenerateResult, Take } from './take.ts';
export type { GenerateInputs } from './generate-inputs.ts';
export type { GenerateOptions, SamplingChoices, StageChoices } from './generate-options.ts';
export type { BatchProgress } from '../pipeline/generate.ts';
export type { AttentionKind, Device, ModelOptions, Precision } from '../models/options.ts';
export type { LatencyMode } from '#shared/bark/options.ts';
export { speakLong } from './speak-long.ts';
export type { LongProgress, SpeakLongOptions, SpokenSentence, SpokenTake } from './speak-long.ts';
export { splitSentences } from './split-text.ts';
export type { SplitOptions } from '#shared/text/sentences.ts';

// texts and voices
export { BarkProcessor } from '../processor/processor.ts';
export type {
  LoadOptions,
  ProcessorInputs,
  ProcessorOptions,
  SaveOptions,
  VoicePreset,
} from '../processor/processor.ts';
export type { EncodedTexts, EncodingOptions, TextInput } from '../processor/encode-texts.ts';
export type { Side } from '../processor/tokenizer-files.ts';
export type { PresetArray, PresetArrays } from '../processor/voice-arrays.ts';
export { VOICE_KEYS } from '#shared/bark/voice.ts';
export { readVoiceNpz, saveVoiceNpys, saveVoiceNpz } from './voice-files.ts';
export { voiceFromRecording } from './voice-from-recording.ts';
export type { RecordingOptions } from './voice-from-recording.ts';
export type { Voice, VoiceKey } from '#shared/bark/voice.ts';

// sound
export { encodeWav, readWav, saveWav } from './audio.ts';
export type { Recording } from './audio.ts';
export type { FineCodes, Kind, Waveform } from '#shared/bark/shapes.ts';

// the models by themselves
export { CoarseModel, SemanticModel } from './causal-stage.ts';
export type { CausalForward, CausalForwardOptions } from './causal-stage.ts';
export { FineModel } from './fine-stage.ts';
export type { FineForward, FineForwardOptions } from './fine-stage.ts';
export { CodecModel } from './codec-stage.ts';
export type { ForwardCall, StageOptions } from './forward-call.ts';
export type { FloatTensor, LayerCache } from '../models/forward-model.ts';

// configs
export { BarkConfig, GenerationConfig } from './bark-config.ts';
export type { ConfigJsonOptions, SubModelConfigs } from './bark-config.ts';
export type { FineConfig, TransformerConfig } from '../checkpoint/config.ts';
export type { CodecConfig } from '../checkpoint/codec-config.ts';
export type {
  CoarseGeneration,
  FineGeneration,
  SamplingGeneration,
  SemanticGeneration,
} from '../checkpoint/generation-config.ts';
export type { JsonObject } from '../checkpoint/config-json.ts';

// what can be wrong
export { BarkError } from './bark-error.ts';
export type { ReferenceError } from './bark-error.ts';
export { CheckpointError } from '../checkpoint/checkpoint-error.ts';
export { ProcessorError } from '../processor/processor-error.ts';
export type { PythonError } from '../processor/processor-error.ts';
