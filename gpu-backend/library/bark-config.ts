/** Configs as values: the reference's defaults, parts put together, loaded and saved (reference: sections 1.2 and 1.3). */
import { join, resolve } from 'node:path';
import type { CodecConfig } from '../checkpoint/codec-config.ts';
import {
  configToJson,
  generationConfigToJson,
  writeJson,
  type JsonObject,
} from '../checkpoint/config-json.ts';
import { parseConfig, type FineConfig, type TransformerConfig } from '../checkpoint/config.ts';
import {
  parseGenerationConfig,
  type CoarseGeneration,
  type FineGeneration,
  type SemanticGeneration,
} from '../checkpoint/generation-config.ts';
import { readJson } from '../checkpoint/json-file.ts';

/** Sizes of the whole model (`config.json`). */
export interface BarkConfig {
  /** Sizes of the semantic model. */
  readonly semantic: TransformerConfig;
  /** Sizes of the coarse model. */
  readonly coarse: TransformerConfig;
  /** Sizes of the fine model. */
  readonly fine: FineConfig;
  /** Sizes of EnCodec. */
  readonly codec: CodecConfig;
  /** Base name of `_name_or_path`, null where there is none. */
  readonly name: string | null;
}

/** How the stages are sampled, and every token id and window length (`generation_config.json`). */
export interface GenerationConfig {
  /** Codes of a codebook; also the fine stage's "not known" code (`codebook_size`). */
  readonly codebookSize: number;
  /** Samples a second (`sample_rate`). */
  readonly sampleRate: number;
  /** The semantic stage. */
  readonly semantic: SemanticGeneration;
  /** The coarse stage. */
  readonly coarse: CoarseGeneration;
  /** The fine stage. */
  readonly fine: FineGeneration;
}

/** Parts of a config; what is left out has the defaults of the reference's classes. */
export interface SubModelConfigs {
  /** Sizes of the semantic model. */
  readonly semantic?: Partial<TransformerConfig>;
  /** Sizes of the coarse model. */
  readonly coarse?: Partial<TransformerConfig>;
  /** Sizes of the fine model. */
  readonly fine?: Partial<FineConfig>;
  /** Sizes of EnCodec; `hopLength` is the product of the ratios, whatever is given. */
  readonly codec?: Partial<CodecConfig>;
}

const CONFIG_FILE = 'config.json';
const GENERATION_FILE = 'generation_config.json';

/** What can be done with a config; all of it throws CheckpointError naming the field that is not supported. */
export const BarkConfig = {
  /** The reference's config of these parts, checked as a file would be. Without any: all defaults. */
  fromSubModelConfigs({ semantic, coarse, fine, codec }: SubModelConfigs = {}): BarkConfig {
    const usual = parseConfig({});
    const whole = {
      ...usual,
      semantic: { ...usual.semantic, ...semantic },
      coarse: { ...usual.coarse, ...coarse },
      fine: { ...usual.fine, ...fine },
      codec: { ...usual.codec, ...codec },
    };
    return parseConfig(configToJson(whole));
  },

  /** From the fields of `config.json`: the reference's names, their aliases, and its defaults for those that are not there. */
  fromJson(json: unknown): BarkConfig {
    return parseConfig(json);
  },

  /** From a folder with a `config.json`. */
  async fromPretrained(folder: string): Promise<BarkConfig> {
    const file = join(resolve(folder), CONFIG_FILE);
    return parseConfig(await readJson(file), file);
  },

  /** The fields of `config.json`, as transformers loads them. `codebooks`: those of the codec's weights, 32 unless told. */
  toJson(config: BarkConfig, options: { readonly codebooks?: number } = {}): JsonObject {
    return configToJson(config, options);
  },

  /** Writes `config.json` into a folder, which is made; transformers loads it. */
  async savePretrained(
    config: BarkConfig,
    folder: string,
    options: { readonly codebooks?: number } = {},
  ): Promise<void> {
    await writeJson(folder, CONFIG_FILE, configToJson(config, options));
  },
} as const;

/** What can be done with a generation config; all of it throws CheckpointError naming the field that is not supported. */
export const GenerationConfig = {
  /** The published models' values. */
  published(): GenerationConfig {
    return parseGenerationConfig(undefined);
  },

  /** From the fields of `generation_config.json`; those that are not there have the defaults of the reference's classes. */
  fromJson(json: JsonObject): GenerationConfig {
    return parseGenerationConfig(json);
  },

  /** From a folder with a `generation_config.json`. */
  async fromPretrained(folder: string): Promise<GenerationConfig> {
    const file = join(resolve(folder), GENERATION_FILE);
    return parseGenerationConfig(await readJson(file), file);
  },

  /** The fields of `generation_config.json`, as transformers loads them. */
  toJson(generation: GenerationConfig): JsonObject {
    return generationConfigToJson(generation);
  },

  /** Writes `generation_config.json` into a folder, which is made; transformers loads it. */
  async savePretrained(generation: GenerationConfig, folder: string): Promise<void> {
    await writeJson(folder, GENERATION_FILE, generationConfigToJson(generation));
  },
} as const;
