import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { healthOf } from './health.ts';
import { startPair, type Pair } from './pair.ts';
import { freePort } from './ports.ts';
import type { Program, Programs } from './programs.ts';

const never = new AbortController().signal;
const pairs: Pair[] = [];
afterEach(async () => {
  await Promise.all(pairs.splice(0).map((pair) => pair.stop()));
});

/** Answers 200 to everything; the backend also says where. */
const SERVE = `
  const server = require('node:http').createServer((_, response) => response.end('ok'));
  server.listen(Number(process.argv[1]), '127.0.0.1', () => {
    const url = 'http://127.0.0.1:' + server.address().port;
    console.log(JSON.stringify({ event: 'listening', url, upstream: process.argv[2] }));
  });
  process.on('SIGTERM', () => process.exit(0));
`;

function script(code: string, ...args: readonly string[]): Program {
  return { command: process.execPath, args: ['-e', code, ...args] };
}

function programs(changes: Partial<Programs> = {}): Programs {
  return {
    stage: () => Promise.resolve([]),
    backend: script(SERVE, '0'),
    edge: ({ port, backendUrl }) => script(SERVE, String(port), backendUrl),
    ...changes,
  };
}

async function start(changes: Partial<Programs> = {}, port?: number) {
  const lines: string[] = [];
  const pair = await startPair({
    port: port ?? (await freePort()),
    signal: never,
    programs: programs(changes),
    onLine: (source, line) => lines.push(`${source}: ${line}`),
  });
  pairs.push(pair);
  return { pair, lines };
}

describe('the pair', () => {
  test('starts in order, answers, and leaves nothing when it is stopped', async () => {
    const { pair, lines } = await start();
    const [backend, edge] = lines;
    const { url } = JSON.parse(backend?.replace('backend: ', '') ?? '') as { url: string };
    expect(edge).toContain(`"upstream":"${url}"`);
    expect(await healthOf(pair.url)).toBe('ready');
    await pair.stop();
    expect([await healthOf(pair.url), await healthOf(url)]).toEqual(['absent', 'absent']);
  });

  test('ends what its programs have started as well', async () => {
    const port = await freePort();
    const grandchild = `
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(SERVE)}, '${port}', 'x'], { stdio: 'inherit' });
      console.log('{"event":"listening","url":"http://127.0.0.1:${port}"}');
    `;
    const { pair } = await start({ backend: script(grandchild) });
    expect(await healthOf(`http://127.0.0.1:${port}`)).toBe('ready');
    await pair.stop();
    expect(await healthOf(`http://127.0.0.1:${port}`)).toBe('absent');
  });

  test('says which port is taken and how to take another', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(start({}, port)).rejects.toThrow(
      `Port ${port} is taken: something else listens there. Stop it, or take another port: PORT=${port + 1} npm start`,
    );
    server.close();
  });

  test('says which half died, how, and what it said last', async () => {
    const dies = `console.log('loading'); console.error('no weights in this folder'); process.exitCode = 78;`;
    await expect(start({ backend: script(dies) })).rejects.toThrow(
      /^backend ended with exit code 78\. Its last lines:\n[^]*no weights in this folder/,
    );
  });

  test('leaves no backend behind when the edge can not be started', async () => {
    const lines: string[] = [];
    const starting = startPair({
      port: await freePort(),
      signal: never,
      programs: programs({ edge: () => ({ command: '/nowhere/wrangler', args: [] }) }),
      onLine: (_, line) => lines.push(line),
    });
    await expect(starting).rejects.toThrow('edge could not be started');
    const { url } = JSON.parse(lines[0] ?? '') as { url: string };
    expect(await healthOf(url)).toBe('absent');
  });

  test('tells when one of the two dies later', async () => {
    const fragile = `${SERVE} server.on('request', (request) => request.url === '/die' && process.exit(3));`;
    const { pair } = await start({ edge: ({ port }) => script(fragile, String(port)) });
    await fetch(`${pair.url}/die`).catch(() => undefined);
    await expect(pair.died).rejects.toThrow('edge ended with exit code 3');
  });

  test('has a folder that is its own and goes with it', async () => {
    const folders: string[] = [];
    const stage = async (folder: string) => {
      folders.push(folder);
      await writeFile(join(folder, 'staged'), '');
      return [];
    };
    const edge: Programs['edge'] = ({ port, folder }) => script(SERVE, String(port), folder);
    const { pair, lines } = await start({ stage, edge });
    await start({ stage, edge });
    const [first = '', second = ''] = folders;
    expect(first).not.toBe(second);
    expect(lines.join()).toContain(JSON.stringify(first));
    await pair.stop();
    expect(existsSync(first)).toBe(false);
    expect(await readdir(second)).toEqual(['staged']);
  });

  test('leaves nothing of a staging that failed', async () => {
    let folder = '';
    const stage = (path: string) => {
      folder = path;
      return Promise.reject(new Error('no vocab.txt'));
    };
    await expect(start({ stage })).rejects.toThrow('no vocab.txt');
    expect(existsSync(folder)).toBe(false);
  });

  test('ends with the process that started it, even when that one is killed', async () => {
    const port = await freePort();
    // a program of its own, to be killed without a chance to tidy up
    const starter = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { startChild } from ${JSON.stringify(new URL('./child.ts', import.meta.url).href)};
         import { makeScratchFolder } from ${JSON.stringify(new URL('./scratch-folder.ts', import.meta.url).href)};
         console.log((await makeScratchFolder()).path);
         startChild({
           name: 'edge',
           command: process.execPath,
           args: ['-e', ${JSON.stringify(SERVE)}, '${port}'],
           onLine: (line) => console.log(line),
         });`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    for await (const chunk of starter.stdout) {
      said += String(chunk);
      if (said.includes('listening')) break;
    }
    const [folder = ''] = said.split('\n');
    const url = `http://127.0.0.1:${port}`;
    expect([await healthOf(url), existsSync(folder)]).toEqual(['ready', true]);
    starter.kill('SIGKILL');
    await expect.poll(() => healthOf(url), { timeout: 20_000 }).toBe('absent');
    await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
  });

  test('can be interrupted while it starts', async () => {
    const stop = new AbortController();
    const silent = `console.log('loading'); setInterval(() => {}, 1000);`;
    const starting = startPair({
      port: await freePort(),
      signal: stop.signal,
      programs: programs({ backend: script(silent) }),
      onLine: () => stop.abort(new Error('interrupted')),
    });
    await expect(starting).rejects.toThrow('interrupted');
  });
});
