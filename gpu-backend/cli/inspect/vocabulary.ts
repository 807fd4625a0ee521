/** The files that texts are read with, checked against one another and against the model. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { isMissing } from '../../checkpoint/json-file.ts';
import { readTokenizer } from '../../processor/tokenizer-files.ts';
import type { Findings } from './findings.ts';

const VOCABULARY = 'vocab.txt';

export interface VocabularySummary {
  readonly entries: number;
  /** Of `vocab.txt`, by which edge and server know that they read texts alike. */
  readonly sha256: string;
}

/** Reads the tokenizer as the processor does; null where the server could read no text with it. */
export async function inspectVocabulary(
  folder: string,
  configs: Pick<Checkpoint, 'config' | 'generation'> | null,
  findings: Findings,
): Promise<VocabularySummary | null> {
  const tokenizer = await findings.attempt('tokenizer', () => readTokenizer(folder));
  if (tokenizer === null) return null;
  const entries = tokenizer.wordPiece.size;
  const path = join(folder, VOCABULARY);
  const rows = configs?.config.semantic.inputVocabularySize ?? Infinity;
  const needed = entries + (configs?.generation.semantic.textEncodingOffset ?? 0);
  if (needed > rows) {
    findings.add(
      'tokenizer',
      `${path}: ${entries} pieces need ${needed} rows of the semantic input embedding, by config.json it has ${rows}; the files do not belong together.`,
    );
  }
  const bytes = await readIfPresent(path);
  if (bytes === null) {
    findings.add(
      'tokenizer',
      `${path} does not exist, which the server reads; copy it from the hub repository of the checkpoint.`,
    );
    return null;
  }
  if (pieces(bytes) !== pieces(tokenizer.files.get(VOCABULARY) ?? bytes)) {
    findings.add(
      'tokenizer',
      `${path} and tokenizer.json have other pieces, so that server and processor would read texts differently; copy both from one place.`,
    );
  }
  return { entries, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function readIfPresent(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function pieces(file: Uint8Array): string {
  return new TextDecoder().decode(file).replaceAll('\r\n', '\n').trimEnd();
}
