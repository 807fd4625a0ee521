/**
 * `npm run oracle [-- --count N --seed N]`: compares our tokenizer with Hugging Face's in Python and on
 * npm, over a vocabulary trained for it. Ends with 0 if all agree, 1 if not, 2 where Python or its
 * `tokenizers` is missing. `--fixtures` writes the small sample that `npm test` looks at instead.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WordPiece } from '#shared/text/word-piece.ts';
import { z } from 'zod/mini';
import { type Comparison, compare } from './compare.ts';
import { LANGUAGES, type Language, corpus, phrasesOf } from './corpus.ts';
import { type Sample, makeStrings } from './make-strings.ts';
import { RULES, npmTokenizer } from './npm-tokenizer.ts';
import { type Python, TOKENIZERS_VERSION, findPython, runPython } from './python.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/oracle/', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../../tests/fixtures/oracle/', import.meta.url));

const VOCABULARY_SIZE = 16_000;
const FIXTURE_VOCABULARY_SIZE = 4_500;
const FIXTURE_STRINGS = 400;

/** Ids of one difference that are printed. */
const SHOWN_IDS = 24;

const idsSchema = z.object({ version: z.string(), ids: z.array(z.array(z.int())) });

function main(): number {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '12000' },
      seed: { type: 'string', default: '1' },
      fixtures: { type: 'boolean', default: false },
    },
  });
  const python = findPython(process.env);
  if (typeof python === 'string') {
    console.error(`Nothing was compared: ${python}`);
    return 2;
  }
  console.log(`${python.command} with tokenizers ${python.version}, Node ${process.versions.node}`);
  if (python.version !== TOKENIZERS_VERSION) {
    console.log(`note: the reference is tokenizers ${TOKENIZERS_VERSION}`);
  }
  const [count, seed] = [whole(values.count, 'count'), whole(values.seed, 'seed')];
  if (values.fixtures) return writeFixtures(python, seed);
  return compareMany(python, count, seed);
}

function compareMany(python: Python, count: number, seed: number): number {
  const vocabulary = trained(python, VOCABULARY_SIZE);
  const samples = makeStrings(count, seed, phrasesByLanguage());
  const ids = pythonIds(python, vocabulary, samples);
  const vocabTxt = readFileSync(vocabulary, 'utf8');
  const pieces = vocabTxt.trimEnd().split('\n');
  const wordPiece = WordPiece.fromVocabulary(vocabTxt);
  const unknown = pieces.indexOf('[UNK]');
  const flat = ids.flat();
  const share = (100 * flat.filter((id) => id === unknown).length) / flat.length;
  console.log(
    `${samples.length} strings (seed ${seed}), ${pieces.length} pieces, ${flat.length} ids, of which ${share.toFixed(1)} % [UNK] and ${new Set(flat).size} different`,
  );
  const comparison = compare(samples, ids, {
    ours: (text) => [...wordPiece.encode(text)],
    npm: npmTokenizer(pieces),
  });
  report(samples, comparison);
  return comparison.failed === 0 ? 0 : 1;
}

function report(samples: readonly Sample[], comparison: Comparison): void {
  const { differences, tolerated, toleratedStrings, passed, failed } = comparison;
  for (const kind of new Set(samples.map((sample) => sample.kind))) {
    const strings = samples.filter((sample) => sample.kind === kind).length;
    const wrong = differences.filter((difference) => difference.kind === kind);
    console.log(`  ${kind.padEnd(24)} ${strings} strings, ${wrong.length} differences`);
    // the first of each party is told, the others are likely of the same cause
    for (const who of new Set(wrong.map((difference) => difference.who))) {
      const first = wrong.find((difference) => difference.who === who);
      console.log(`    ${who}: ${JSON.stringify(first?.text)}`);
      console.log(`      Python ${first?.wanted.slice(0, SHOWN_IDS).join(' ')}`);
      console.log(`      got    ${first?.got.slice(0, SHOWN_IDS).join(' ')}`);
    }
  }
  console.log(`npm differs from Python as is known in ${toleratedStrings} strings:`);
  for (const [rule, times] of tolerated) console.log(`  ${times} x ${RULES[rule]}`);
  console.log(`${passed} passed, ${failed} failed`);
}

/** They take a while to make, and are asked for again and again. */
function phrasesByLanguage(): (language: Language) => readonly string[] {
  const phrases = new Map(LANGUAGES.map((language) => [language, phrasesOf(language)]));
  return (language) => phrases.get(language) ?? [];
}

/** Path of a vocabulary trained on the corpus; the same corpus, script and version are trained once. */
function trained(python: Python, size: number): string {
  const text = corpus();
  const script = readFileSync(new URL('train_vocabulary.py', import.meta.url));
  const hash = createHash('sha256').update(text).update(script).update(python.version);
  const key = hash.digest('hex').slice(0, 16);
  const path = join(CACHE, `${key}-${size}.txt`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const corpusPath = join(CACHE, `${key}.corpus`);
  writeFileSync(corpusPath, text);
  runPython(python, 'train_vocabulary.py', [corpusPath, `${path}.tmp`, String(size)]);
  renameSync(`${path}.tmp`, path);
  console.log(`trained a vocabulary on ${text.split('\n').length} lines`);
  return path;
}

/** What Python says; a lone surrogate is U+FFFD to it, as it is in any UTF-8. */
function pythonIds(python: Python, vocabulary: string, samples: readonly Sample[]): number[][] {
  const texts = JSON.stringify(samples.map(({ text }) => text.toWellFormed()));
  const { ids } = idsSchema.parse(
    JSON.parse(runPython(python, 'python_ids.py', [vocabulary], texts)),
  );
  if (ids.length !== samples.length) throw new Error('Python left strings out.');
  return ids;
}

function writeFixtures(python: Python, seed: number): number {
  const vocabulary = trained(python, FIXTURE_VOCABULARY_SIZE);
  const samples = makeStrings(FIXTURE_STRINGS, seed, phrasesByLanguage());
  const ids = pythonIds(python, vocabulary, samples);
  mkdirSync(FIXTURES, { recursive: true });
  writeFileSync(join(FIXTURES, 'vocab.txt'), readFileSync(vocabulary));
  const cases = samples.map(({ kind, text }, i) =>
    escaped(JSON.stringify([kind, text, ids[i] ?? []])),
  );
  const madeBy = `npm run oracle -- --fixtures --seed ${seed}, tokenizers ${python.version}`;
  const file = `{"_made_by":${JSON.stringify(madeBy)},"cases":[\n${cases.join(',\n')}\n]}\n`;
  writeFileSync(join(FIXTURES, 'sample.json'), file);
  console.log(`wrote ${cases.length} strings to ${FIXTURES}`);
  return 0;
}

/** What hides or turns text around in an editor is written as an escape. */
function escaped(json: string): string {
  return json.replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function whole(text: string, name: string): number {
  if (!/^[1-9][0-9]{0,6}$/u.test(text)) {
    throw new RangeError(`--${name} must be a whole number in 1..9999999; it is ${text}.`);
  }
  return Number(text);
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
