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
import {
  assertFields,
  assertPath,
  described,
  fieldsOf,
  isPlainObject,
  reading,
} from './arguments.ts';
import { BarkError } from './bark-error.ts';
import { modelFolder } from './model-folder.ts';

/** Sizes of the whole model: `config.json` (reference: section 1.2). */
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

/** How the stages are sampled, and every token id and window length: `generation_config.json` (reference: section 1.3). */
export interface GenerationConfig {
  /** Codes of a codebook, 1 024 as published; also the fine stage's "not known" code (`codebook_size`). */
  readonly codebookSize: number;
  /** Samples a second, 24 000 (`sample_rate`). */
  readonly sampleRate: number;
  /** The semantic stage. */
  readonly semantic: SemanticGeneration;
  /** The coarse stage. */
  readonly coarse: CoarseGeneration;
  /** The fine stage. */
  readonly fine: FineGeneration;
}

/** Parts of a config; what is left out has the defaults of the reference's classes (reference: section 1.2). */
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
const CODEBOOKS_MAX = 32;

/** How a config is written (reference: section 1.2). */
export interface ConfigJsonOptions {
  /** Codebooks in the codec's weights, 1..32; 32 unless told, as published. EnCodec's bandwidths follow from it. */
  readonly codebooks?: number | undefined;
}

/**
 * What can be done with a config (reference: section 1.2). All of it throws BarkError for arguments that are none of
 * this, and CheckpointError that names a field which is not supported.
 */
export const BarkConfig = {
  /** The reference's config of these parts, checked as a file would be. Without any: all defaults. */
  fromSubModelConfigs(parts: SubModelConfigs = {}): BarkConfig {
    const given = fieldsOf('parts', parts);
    assertFields('fromSubModelConfigs', given, ['semantic', 'coarse', 'fine', 'codec']);
    const usual = parseConfig({});
    const whole = {
      ...usual,
      semantic: part('semantic', usual.semantic, given.semantic),
      coarse: part('coarse', usual.coarse, given.coarse),
      fine: part('fine', usual.fine, given.fine),
      codec: part('codec', usual.codec, given.codec),
    };
    return parseConfig(reading('parts', () => configToJson(whole)));
  },

  /** From the fields of `config.json`: the reference's names, their aliases, and its defaults for those that are not there. */
  fromJson(json: unknown): BarkConfig {
    return parseConfig(copied('json', json));
  },

  /** From a folder with a `config.json`, or the id of a repository that was pulled. */
  async fromPretrained(folder: string): Promise<BarkConfig> {
    const file = join(resolve(await modelFolder(folder)), CONFIG_FILE);
    return parseConfig(await readJson(file), file);
  },

  /** The fields of `config.json`, as transformers loads them. */
  toJson(config: BarkConfig, options: ConfigJsonOptions = {}): JsonObject {
    const { codebooks = CODEBOOKS_MAX, ...others } = fieldsOf('options', options);
    assertFields('toJson', others, []);
    if (!Number.isInteger(codebooks) || codebooks < 1 || codebooks > CODEBOOKS_MAX) {
      throw new BarkError(
        `codebooks must be an integer in 1..${CODEBOOKS_MAX}; it is ${described(codebooks)}.`,
        'ValueError',
      );
    }
    const json = reading('config', () => configToJson(config, { codebooks }), WHOLE_CONFIG);
    parseConfig(json);
    return json;
  },

  /** Writes `config.json` into a folder, which is made; transformers loads it. */
  async savePretrained(
    config: BarkConfig,
    folder: string,
    options: ConfigJsonOptions = {},
  ): Promise<void> {
    assertPath('folder', folder);
    await writeJson(folder, CONFIG_FILE, BarkConfig.toJson(config, options));
  },
} as const;

const WHOLE_CONFIG = 'give a whole one, as fromPretrained and fromSubModelConfigs answer it';

/**
 * What can be done with a generation config (reference: section 1.3). All of it throws BarkError for arguments that are
 * none of this, and CheckpointError that names a field which is not supported.
 */
export const GenerationConfig = {
  /** The published models' values. */
  published(): GenerationConfig {
    return parseGenerationConfig(undefined);
  },

  /** From the fields of `generation_config.json`; those that are not there have the defaults of the reference's classes. */
  fromJson(json: JsonObject): GenerationConfig {
    return parseGenerationConfig(copied('json', json));
  },

  /** From a folder with a `generation_config.json`, or the id of a repository that was pulled. */
  async fromPretrained(folder: string): Promise<GenerationConfig> {
    const file = join(resolve(await modelFolder(folder)), GENERATION_FILE);
    return parseGenerationConfig(await readJson(file), file);
  },

  /** The fields of `generation_config.json`, as transformers loads them. */
  toJson(generation: GenerationConfig): JsonObject {
    const json = reading(
      'generation',
      () => generationConfigToJson(generation),
      'give a whole one, as fromPretrained and published answer it',
    );
    parseGenerationConfig(json);
    return json;
  },

  /** Writes `generation_config.json` into a folder, which is made; transformers loads it. */
  async savePretrained(generation: GenerationConfig, folder: string): Promise<void> {
    assertPath('folder', folder);
    await writeJson(folder, GENERATION_FILE, GenerationConfig.toJson(generation));
  },
} as const;

/** All sizes of a part, those that are given in place of the usual ones. */
function part<Sizes extends object>(
  name: string,
  usual: Sizes,
  sizes: Partial<Sizes> | null | undefined,
): Sizes {
  if (sizes === undefined || sizes === null) return usual;
  const own = fieldsOf(name, sizes);
  assertFields(name, own, Object.keys(usual));
  return { ...usual, ...own };
}

/** Plain data as a file would hold it: no getters, no functions. */
function copied(name: string, json: unknown): unknown {
  if (!isPlainObject(json)) {
    throw new BarkError(
      `${name} must be an object with the fields of the file; it is ${described(json)}.`,
      'TypeError',
    );
  }
  return reading(name, () => structuredClone(json), 'give plain data, as JSON.parse answers it');
}
