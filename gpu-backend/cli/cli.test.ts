/** Every command, run as a user runs it, on the checkpoint that comes with the repository. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeNpy } from '#shared/bark/npy.ts';
import { readVoiceNpz } from '#shared/bark/voice-file.ts';
import { readWav } from '#shared/audio/wav-file.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { openBarkModels } from '../models/bark-models.ts';
import { startTestHub } from '../hub/test-hub.ts';
import { makeListeningModel } from '../../tests/support/listening-model.ts';
import { runBark } from './run-bark.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const RECORDING = fileURLToPath(
  new URL('../../tests/fixtures/golden-codec/recording.wav', import.meta.url),
);
const ENTRY = fileURLToPath(new URL('bark.ts', import.meta.url));

interface Ran {
  readonly status: number;
  readonly out: Buffer;
  readonly err: string;
}

interface Surroundings {
  readonly environment?: Record<string, string>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  readonly isErrTerminal?: boolean;
}

async function bark(args: readonly string[], around: Surroundings = {}): Promise<Ran> {
  const out: Uint8Array[] = [];
  let err = '';
  const status = await runBark(args, {
    out: async (bytes) => void out.push(Buffer.from(bytes as string)),
    err: (text) => void (err += text),
    stdin: Readable.from(around.stdin === undefined ? [] : [Buffer.from(around.stdin)]),
    isStdinTerminal: around.stdin === undefined,
    isErrTerminal: around.isErrTerminal ?? false,
    columns: () => 80,
    environment: { BARK_MODEL: TINY, ...around.environment },
    signal: around.signal ?? new AbortController().signal,
    now: () => performance.now(),
  });
  return { status, out: Buffer.concat(out), err };
}

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bark-cli-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the command line', () => {
  test('teaches: every command has a summary, a description and an example', async () => {
    const { out } = await bark(['--help']);
    const commands = ['pull', 'generate', 'voices', 'voice', 'inspect', 'convert'];
    for (const name of commands) {
      expect(out.toString()).toMatch(new RegExp(`^  ${name} .*  \\w`, 'm'));
      const help = (await bark(['help', name])).out.toString();
      expect(help).toMatch(new RegExp(`Examples:\n  \\$ bark ${name} `));
      // a description that is longer than a line leaves single words behind
      const [, description = ''] = help.split('\n\n');
      expect(description).not.toMatch(/^.{1,12}$/m);
      // an option without an explanation is no help
      expect(help).not.toMatch(/^ {2}-{1,2}\S+(?: <\w+>)?\s*$/m);
    }
  });

  test.each([
    [[], 'Usage: bark'],
    [['generat'], 'Did you mean generate?'],
    [['pull'], "missing required argument 'repository'"],
    [['pull', 'bark-small'], 'owner/name'],
    [['convert', 'x'], "required option '-o, --output <folder>'"],
    [['convert', 'x', '-o', 'y', '-p', 'int4'], 'int4 is made when a checkpoint is loaded'],
    [['convert', 'x', '-o', 'y', '-p', 'fp64'], 'It must be one of int8, fp32, fp16, bf16'],
    [['generate', 'a', '--top-k', '0'], 'a whole number from 1'],
    [['generate', 'a', '--top-p', '1.5'], 'above 0 and at most 1'],
    [['generate', 'a', '--temperature', '0'], 'above 0'],
    [['generate', 'a', '--seed', '-1'], 'a whole number from 0'],
    [['generate', 'a', '--num-beams', '4'], "unknown option '--num-beams'"],
    [['generate'], 'Say what?'],
  ])('%j is not understood (2), and what helps is told', async (args, message) => {
    const { status, out, err } = await bark(args);
    expect(status).toBe(2);
    expect(out + err).toContain(message);
    expect(err).not.toMatch(/^ +at /m);
  });

  test.each([
    [['inspect', '/nowhere'], 'give the folder of a Bark checkpoint'],
    [['inspect', 'suno/bark-small'], '`bark pull suno/bark-small` downloads it'],
    [['generate', 'a', '-v', 'v2/xx_speaker_9'], '`bark voices` lists'],
    [['generate', '...', '-o', '/nowhere/x.wav'], 'its folder is not there'],
  ])('%j does not work (1), in one sentence', async (args, message) => {
    const { status, err } = await bark(args, { environment: { BARK_CACHE: root } });
    expect(status).toBe(1);
    expect(err).toMatch(/^bark: .*\n$/);
    expect(err).toContain(message);
  });

  test('the value of an unknown option, which may be a token, is not repeated', async () => {
    for (const args of [
      ['pull', 'a/b', '--tokn=hf_secret'],
      ['--token=hf_secret', 'pull', 'a/b'],
    ]) {
      const { status, err } = await bark(args);
      expect(status).toBe(2);
      expect(err).toContain('unknown option');
      expect(err).not.toContain('secret');
    }
  });

  test('--verbose shows where an error came from', async () => {
    expect((await bark(['--verbose', 'inspect', '/nowhere'])).err).toMatch(/^ +at /m);
  });
});

/** The noise of bark-tiny needs no length: 19 semantic tokens are 28 frames. */
const SHORT = ['--max-new-tokens', '19', '--min-new-tokens', '19'];

describe('bark generate', () => {
  test('writes a WAV and tells how long it took', async () => {
    const output = join(root, 'a.wav');
    const { status, err } = await bark(['generate', 'Hello', 'dog', '-o', output, ...SHORT]);
    expect(status).toBe(0);
    expect(err).toMatch(
      /a\.wav: \d+\.\d\d s of audio, 1 sentence, in .*first audio after .*real-time factor/,
    );
    expect(readWav(await readFile(output)).samples.length).toBe(28 * 320);
    expect(await readdir(root)).toEqual(['a.wav']);
  });

  test('the same seed gives the same take, with a dump or without, from an argument or standard input', async () => {
    const text = 'Hello, my dog is cute.';
    const options = ['-v', 'v2/en_speaker_1', '-o', '-', ...SHORT];
    const plain = await bark(['generate', text, '-s', '3', ...options]);
    const dumped = ['-s', '3', '--dump', join(root, 'dump'), ...options];
    const piped = await bark(['generate', '-', ...dumped], { stdin: text });
    expect(piped.out.equals(plain.out)).toBe(true);
    expect(piped.out.toString('latin1', 0, 4)).toBe('RIFF');
  });

  test('a dump has what every stage made, a sentence a folder', async () => {
    const dump = join(root, 'dump');
    const text = 'Hello my dog is cute and old. And another one comes here.';
    const output = join(root, 'a.wav');
    const options = [
      '--dump',
      dump,
      '-o',
      output,
      '--max-new-tokens',
      '12',
      '--min-new-tokens',
      '12',
      '--greedy',
    ];
    const { status, err } = await bark(['generate', text, ...options]);
    expect(status).toBe(0);
    expect(err).toContain('Sentence 1 met the limit of 12 semantic tokens');
    const folders = await readdir(dump);
    expect(folders).toEqual(['000', '001']);
    const array = async (name: string) => decodeNpy(await readFile(join(dump, '000', name)));
    expect((await array('semantic_prompt.npy')).shape).toEqual([12]);
    const { shape } = await array('fine_prompt.npy');
    expect(shape[0]).toBe(8);
    expect((await array('coarse_prompt.npy')).shape).toEqual([2, shape[1]]);
    expect((await readFile(join(dump, '000', 'audio.npy'))).length).toBe(
      128 + 4 * 320 * (shape[1] ?? 0),
    );
    const again = await bark(['generate', text, '--dump', dump, '-o', output]);
    expect(again.err).toContain('is not an empty folder');
  });

  test('what is off is off in every stage', async () => {
    const dump = join(root, 'dump');
    const all = ['--top-k', 'off', '--top-p', 'off', '--min-eos-p', 'off'];
    const one = ['--semantic-top-k', 'off', '--semantic-top-p', 'off', '--coarse-top-p', 'off'];
    const made = ['--coarse-top-k', '3', '--dump', dump, '-o', '-', ...SHORT];
    const { status, err } = await bark(['generate', 'Hello', ...all, ...one, ...made]);
    expect([status, err]).toEqual([0, expect.stringContaining('1 sentence')]);
    const { options } = JSON.parse(await readFile(join(dump, '000/take.json'), 'utf8'));
    expect(options).toMatchObject({ topK: null, topP: null, minEosP: null, coarseTopK: 3 });
  });

  test('without a voice who speaks first speaks on', async () => {
    const text = 'Hello my dog is cute and old. And another one comes here.';
    const dump = join(root, 'dump');
    const made = ['-o', '-', ...SHORT];
    const whole = await bark(['generate', text, '--dump', dump, ...made]);
    expect((await bark(['generate', text, ...made])).out.equals(whole.out)).toBe(true);
    const voice = join(root, 'first.npz');
    await bark(['voice', 'create', join(dump, '000'), '-o', voice]);
    const other = join(root, 'other');
    await bark(['generate', text, '-v', voice, '--dump', other, ...made]);
    const second = async (of: string) => await readFile(join(of, '001/semantic_prompt.npy'));
    expect((await second(other)).equals(await second(dump))).toBe(true);
  });

  test('what lies between sentences is chosen', async () => {
    const text = 'Hello my dog is cute and old. And another one comes here.';
    const made = ['-o', '-', '-v', 'v2/en_speaker_0', '--attempts', '1', '--no-trim', ...SHORT];
    const spoken = async (...options: string[]) =>
      (await bark(['generate', text, ...made, ...options])).out;
    const joined = await spoken('--pause', 'off');
    expect((await spoken('--pause', '0.5')).length - joined.length).toBe(24_000);
    expect((await spoken('--pause', 'off', '--rolling-history')).equals(joined)).toBe(false);
  });

  test('an interrupted one leaves no file', async () => {
    const stop = new AbortController();
    const done = bark(['generate', 'Hello '.repeat(40), '-o', join(root, 'a.wav')], {
      signal: stop.signal,
      isErrTerminal: true,
    });
    stop.abort();
    expect((await done).status).toBe(130);
    expect(await readdir(root)).toEqual([]);
  });
});

describe('bark voices', () => {
  test('lists them as a table and as JSON', async () => {
    const table = (await bark(['voices', TINY])).out.toString();
    expect(table).toMatch(/^voice +language +semantic +frames +seconds\n/);
    expect(table).toMatch(/^v2\/en_speaker_0 +English +\d+ +\d+ +\d+\.\d$/m);
    const json: unknown = JSON.parse((await bark(['voices', TINY, '--json'])).out.toString());
    expect(json).toMatchObject([
      { name: 'v2/en_speaker_0', language: 'en', fault: null },
      { name: 'v2/en_speaker_1' },
    ]);
    expect((await bark(['voices', TINY, '--language', 'de'])).out.toString()).toBe(
      'There are no voices in "de".\n',
    );
  });

  test('names one that is broken, with its fault', async () => {
    await cp(TINY, root, { recursive: true });
    await rm(join(root, 'speaker_embeddings/v2/en_speaker_0_fine_prompt.npy'));
    const { out } = await bark(['voices', root]);
    expect(out.toString()).toMatch(/en_speaker_0 .*broken: .*does not exist/);
  });
});

describe('bark inspect', () => {
  test('tells what there is', async () => {
    const { status, out } = await bark(['inspect', TINY]);
    expect(status).toBe(0);
    expect(out.toString()).toContain('Nothing is missing: it can speak.');
    const { out: json } = await bark(['inspect', TINY, '--json']);
    expect(JSON.parse(json.toString())).toMatchObject({
      model: 'bark-tiny',
      stages: [
        { stage: 'semantic', precision: ['F16'] },
        { stage: 'coarse' },
        { stage: 'fine' },
        { stage: 'codec' },
      ],
      voices: { count: 2, languages: ['en'] },
      faults: [],
    });
  });

  test('tells what is missing, and fails', async () => {
    for (const name of ['config.json', 'generation_config.json', 'model.safetensors']) {
      await copyFile(join(TINY, name), join(root, name));
    }
    const config: { semantic_config: Record<string, unknown> } = JSON.parse(
      await readFile(join(root, 'config.json'), 'utf8'),
    );
    config.semantic_config['num_layers'] = 3;
    await writeFile(join(root, 'config.json'), JSON.stringify(config));
    const { status, out } = await bark(['inspect', root]);
    expect(status).toBe(1);
    expect(out.toString()).toMatch(/fault: .*semantic\.layers\.2\.layernorm_1/);
    expect(out.toString()).toMatch(/fault: .*vocab\.txt does not exist/);
    expect(out.toString()).toContain('note: There are no voices');
  });
});

describe('bark convert', () => {
  test.each(['fp32', 'fp16', 'bf16'] as const)(
    'to %s: loads again, with voices and vocabulary',
    async (precision) => {
      const output = join(root, 'converted');
      const { status } = await bark(['convert', TINY, '-p', precision, '-o', output]);
      expect(status).toBe(0);
      expect(await readdir(root)).toEqual(['converted']);
      const before = await openCheckpoint(TINY);
      const after = await openCheckpoint(output);
      try {
        // halves of bark-tiny are small integers times powers of two
        for (const name of after.tensors.names()) {
          const [a, b] = [await before.tensors.read(name), await after.tensors.read(name)];
          expect(b.shape).toEqual(a.shape);
          const worst = a.data.reduce((most, x, i) => Math.max(most, Math.abs(x - b.data[i]!)), 0);
          expect(worst).toBeLessThanOrEqual(precision === 'bf16' ? 2 ** -6 : 0);
        }
        await (await openBarkModels(after, { threads: 1 })).release();
      } finally {
        await before.tensors.close();
        await after.tensors.close();
      }
      expect((await bark(['inspect', output])).status).toBe(0);
      expect((await bark(['voices', output])).out).toEqual((await bark(['voices', TINY])).out);
      expect(JSON.parse(await readFile(join(output, 'config.json'), 'utf8'))).toMatchObject({
        torch_dtype: { fp32: 'float32', fp16: 'float16', bf16: 'bfloat16' }[precision],
      });
    },
  );

  test('for inference alone still has all that speaking needs', async () => {
    const [model, output] = [join(root, 'model'), join(root, 'small')];
    await makeListeningModel(model);
    expect((await bark(['inspect', model])).out.toString()).toContain('can become voices');
    await bark(['convert', model, '--inference-only', '-o', output]);
    const { status, out } = await bark(['inspect', output]);
    expect(status).toBe(0);
    expect(out.toString()).toContain('the encoder is left out');
  });

  test('a folder that holds something is left alone', async () => {
    await writeFile(join(root, 'mine.txt'), 'mine');
    const { status, err } = await bark(['convert', TINY, '-o', root]);
    expect([status, err]).toEqual([1, expect.stringContaining('holds files already')]);
    expect(await readdir(root)).toEqual(['mine.txt']);
  });

  test('an interrupted one leaves nothing', async () => {
    const stop = AbortSignal.abort();
    const { status } = await bark(['convert', TINY, '-o', join(root, 'x')], { signal: stop });
    expect(status).toBe(130);
    expect(await readdir(root)).toEqual([]);
  });
});

describe('bark voice create', () => {
  test('of a take makes a voice that speaks on', async () => {
    const dump = join(root, 'dump');
    const voice = join(root, 'voice.npz');
    const output = ['-o', join(root, 'a.wav')];
    await bark(['generate', 'Hello', '--dump', dump, ...output, ...SHORT]);
    const made = await bark(['voice', 'create', join(dump, '000'), '-o', voice]);
    expect(made.status).toBe(0);
    expect(made.err).toContain('voice.npz: 19 semantic tokens, 28 frames, 0.4 s');
    const { semanticPrompt } = readVoiceNpz(await readFile(voice));
    const said = decodeNpy(await readFile(join(dump, '000/semantic_prompt.npy')));
    expect([...semanticPrompt]).toEqual(Array.from(said.data));
    const again = join(root, 'again.npz');
    await bark(['voice', 'create', voice, '-o', again]);
    expect((await readFile(again)).equals(await readFile(voice))).toBe(true);
  });

  test('of a recording and its words, which are read about as long as it lasts', async () => {
    const model = join(root, 'model');
    await makeListeningModel(model);
    const voice = join(root, 'voice.npz');
    const order = ['voice', 'create', RECORDING, '-m', model, '-o', voice];
    const { status, err } = await bark([...order, '--text', 'Hello, my dog is cute']);
    expect(err).toMatch(/voice\.npz: \d+ semantic tokens, \d+ frames/);
    expect(status).toBe(0);
    const { length } = readWav(await readFile(RECORDING)).samples;
    const { finePrompt } = readVoiceNpz(await readFile(voice));
    expect(finePrompt.length / 8).toBeGreaterThan((0.8 * length) / 320);
  });

  test.each([
    [['me.wav', '-o', 'x.npz'], 2, 'Give exactly its words with --text'],
    [['takes', '-o', 'x.npz', '--text', 'a'], 2, '--text is for recordings'],
    [['/nowhere.wav', '-o', 'x.npz', '--text', 'a'], 1, '/nowhere.wav does not exist'],
    [['/nowhere.npz', '-o', 'x.npz'], 1, '/nowhere.npz does not exist'],
    [[join(TINY, 'config.json', 'x.wav'), '-o', 'x.npz', '--text', 'a'], 1, 'could not be read'],
    [[TINY, '-o', 'x.npz'], 1, 'is missing semantic_prompt'],
    [[RECORDING, '-o', 'x.npz', '--text', 'a', '-m', TINY], 1, 'not make codes of a recording'],
  ])('%j ends with %i', async (args, expected, message) => {
    const { status, err } = await bark(['voice', 'create', ...args]);
    expect(err).toContain(message);
    expect(status).toBe(expected);
  });
});

describe('bark pull', () => {
  test('pulls the checkpoint and its voices, after which its id is enough to speak', async () => {
    const files = new Map<string, Uint8Array>();
    for (const entry of await readdir(TINY, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(TINY.length + 1), await readFile(path));
    }
    const hub = await startTestHub(files);
    try {
      const environment = { BARK_CACHE: root, HF_ENDPOINT: hub.url, HF_TOKEN: 'hf_secret' };
      hub.token = 'hf_secret';
      const pulled = await bark(['pull', 'suno/bark-test'], { environment });
      expect(pulled).toMatchObject({ status: 0 });
      expect(pulled.out.toString()).toBe(`${join(root, 'suno--bark-test')}\n`);
      expect(pulled.err).not.toContain('hf_secret');
      const again = await bark(['pull', 'suno/bark-test'], { environment });
      expect(again.err).toContain('nothing to fetch');
      const spoken = await bark(['generate', 'Hello', '-o', '-', ...SHORT], {
        environment: { ...environment, BARK_MODEL: 'suno/bark-test' },
      });
      expect(spoken.status).toBe(0);
      expect((await bark(['inspect', 'suno/bark-test'], { environment })).out.toString()).toContain(
        'pulled from suno/bark-test, main at 0123456789ab',
      );
      const refused = await bark(['pull', 'suno/bark-test', '--token', 'hf_other'], {
        environment,
      });
      expect(refused).toMatchObject({ status: 1 });
      expect(refused.err).toMatch(/\nbark: suno\/bark-test: .*--token or HF_TOKEN\.\n$/);
      expect(refused.err).not.toContain('hf_other');
    } finally {
      await hub.close();
    }
  });
});

test('the program itself ends with 130 after Ctrl-C and cleans up', async () => {
  // never answers: the pull waits until it is interrupted
  const hub = await startTestHub(new Map());
  await mkdir(dirname(join(root, 'x')), { recursive: true });
  hub.faults.set('listing', [{ type: 'hang' }]);
  const child = spawn(process.execPath, [ENTRY, 'pull', 'suno/bark-test'], {
    env: { ...process.env, BARK_CACHE: root, HF_ENDPOINT: hub.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    await hub.nextRequest();
    expect(existsSync(join(root, 'suno--bark-test.lock'))).toBe(true);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(await readdir(root)).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    await hub.close();
  }
});
