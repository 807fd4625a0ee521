/**
 * The library's documentation, as TypeDoc reads it: every public name says what it means, with shapes, units and ranges;
 * what can be called says what it throws; and the sections of the reference that it cites exist.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TYPEDOC = 'docs/typedoc/node_modules/typedoc/bin/typedoc';

/** The parts of TypeDoc's JSON that are looked at. */
interface Reflection {
  readonly name: string;
  readonly comment?: { readonly summary: readonly { readonly text: string }[] };
  readonly children?: readonly Reflection[];
  readonly signatures?: readonly Reflection[];
  readonly getSignature?: Reflection;
  readonly parameters?: readonly Reflection[];
  readonly type?: { readonly type: string; readonly declaration?: Reflection };
}

/** One name: a declaration, a member of one, or what can be called. */
interface Documented {
  readonly name: string;
  /** The comment, white space as single blanks. */
  readonly says: string;
  /** The comment of what it is a member of. */
  readonly ownerSays: string;
  readonly reflection: Reflection;
}

/** Parts of each section of the reference, from 0. */
const PARTS_OF_SECTION = [1, 6, 4, 7, 8, 6, 5, 7, 0, 21, 4];

/** What the reference has nothing of: sound files, faults, and how this engine computes. */
const WITHOUT_SECTION = new Set(
  `AttentionKind BarkModelOptions Device LatencyMode ModelOptions Precision
   BarkError CheckpointError ProcessorError PythonError ReferenceError
   Recording encodeWav readWav saveWav JsonObject Kind`.split(/\s+/),
);

/** Sizes of dimensions, such as [B, n, h], [2, T] or [B][length]. */
const SHAPE = /\[[\w ,.*+/()-]+\]/;
/** A range, a bound or a unit. */
const MEASURE =
  /\d|\b(?:seconds?|Hz|samples|frames?|tokens?|ids?|codes?|codebooks|layers|heads|rows?|channels|filters|threads|positions|code units|sentence|product|width|size|how many|number)\b/i;
/** The same as another name, which has to be there. */
const AS_ANOTHER = /\b(?:as|same as|throws as) `(\w+)`/i;

const NUMBERS = /"name":"(?:Float32Array|Int32Array|Uint16Array|Waveform|FineCodes|FloatTensor)"/;

let folder: string;
let names: readonly Documented[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bark-docs-'));
  const json = join(folder, 'api.json');
  // its warnings are errors: something is not documented, not exported or a link leads nowhere
  await promisify(execFile)(
    process.execPath,
    [TYPEDOC, '--options', 'docs/typedoc/typedoc.json', '--json', json],
    { cwd: ROOT },
  );
  const project = JSON.parse(await readFile(json, 'utf8')) as Reflection;
  names = (project.children ?? []).flatMap((child) => documented(child, null));
});
afterAll(() => rm(folder, { recursive: true }));

/** A name, and all that it has. */
function documented(reflection: Reflection, owner: Documented | null): Documented[] {
  const { signatures, getSignature, children, type } = reflection;
  const name = owner === null ? reflection.name : `${owner.name}.${reflection.name}`;
  const members = children ?? type?.declaration?.children ?? [];
  const shown = signatures ?? (getSignature === undefined ? [reflection] : [getSignature]);
  return shown.flatMap((one) => {
    const self = {
      name,
      says: textOf(one) || textOf(reflection),
      ownerSays: owner?.says ?? '',
      reflection: one,
    };
    return [self, ...members.flatMap((member) => documented(member, self))];
  });
}

function textOf({ comment }: Reflection): string {
  const parts = comment?.summary.map(({ text }) => text) ?? [];
  return parts.join('').replaceAll(/\s+/g, ' ').trim();
}

function faults(isFine: (name: Documented) => boolean): string[] {
  return names.filter((name) => !isFine(name)).map(({ name, says }) => `${name}: ${says}`);
}

const isConstructor = ({ name }: Documented): boolean => name.endsWith('.constructor');
const isCalled = ({ reflection }: Documented): boolean => reflection.parameters !== undefined;
const isTopLevel = ({ name }: Documented): boolean => !name.includes('.');

describe('every public name', () => {
  test('is there, and says something in a sentence', () => {
    expect(names.length).toBeGreaterThan(300);
    expect(faults((one) => isConstructor(one) || /^\S.{8,}\.$/.test(one.says))).toEqual([]);
  });

  test('that can be given arguments says what it throws', () => {
    const thrown = /throws? .*\b(?:Bark|Processor|Checkpoint)Error\b/i;
    const throwsAs = /throws as `(\w+)` does/i;
    expect(
      faults((one) => {
        if (!isCalled(one) || isConstructor(one)) return true;
        const other = throwsAs.exec(one.says)?.[1];
        const isKnown = names.some(({ name }) => name === other || name.endsWith(`.${other}`));
        return thrown.test(one.says) || thrown.test(one.ownerSays) || isKnown;
      }),
    ).toEqual([]);
  });

  test('that follows the reference says where', () => {
    const cites = /reference: sections? \d/i;
    const isCited = (one: Documented): boolean =>
      cites.test(one.says) || WITHOUT_SECTION.has(one.name);
    expect(faults((one) => !isTopLevel(one) || isCited(one))).toEqual([]);
    const known = names.filter(isTopLevel).map(({ name }) => name);
    expect([...WITHOUT_SECTION].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('cites only sections that there are', () => {
    const cited = names.flatMap(({ name, says }) =>
      Array.from(says.matchAll(/reference: sections? ([^):;]+?)(?=[):;]|\. |\.$|$)/gi)).flatMap(
        ([, list = '']) =>
          Array.from(list.matchAll(/(\d+)(?:\.(\d+))?/g), ([whole, section, part]) => ({
            name,
            whole,
            section: Number(section),
            part: part === undefined ? 0 : Number(part),
          })),
      ),
    );
    expect(cited.length).toBeGreaterThan(50);
    const wrong = cited.filter(({ section, part }) => !(part <= (PARTS_OF_SECTION[section] ?? -1)));
    expect(wrong.map(({ name, whole }) => `${name}: ${whole}`)).toEqual([]);
  });

  test('that is numbers tells their shape', () => {
    expect(
      faults((one) => {
        const types = JSON.stringify([
          one.reflection.type ?? null,
          one.reflection.parameters?.map(({ type }) => type) ?? null,
        ]);
        if (!NUMBERS.test(types) || types.includes('"reflection"')) return true;
        return SHAPE.test(one.says) || SHAPE.test(one.ownerSays) || AS_ANOTHER.test(one.says);
      }),
    ).toEqual([]);
  });

  test('that is a number tells its unit, range or what it counts', () => {
    expect(
      faults((one) => {
        const type = JSON.stringify(one.reflection.type ?? null);
        const isNumber =
          /"name":"number"/.test(type) && !/"(?:reflection|indexedAccess)"/.test(type);
        return !isNumber || MEASURE.test(one.says) || AS_ANOTHER.test(one.says);
      }),
    ).toEqual([]);
  });
});
