import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SNIPPETS } from './snippets.ts';

const run = promisify(execFile);

const ORIGIN = 'https://edge.example';
const TRICKY = `It's "his" dog, $HOME \`whoami\` \\ and a\nsecond line: é, 犬`;
const order = { input: TRICKY, response_format: 'opus', latency: 'fast', seed: 7, speed: 1.5 };

describe('the call elsewhere', () => {
  test('curl: a shell hands over exactly the order', async () => {
    const echo = SNIPPETS.curl(order, ORIGIN, false).replace(/^curl/, String.raw`printf '%s\n'`);
    const { stdout } = await run('sh', ['-c', echo]);
    const body = stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1);
    expect(JSON.parse(body)).toEqual(order);
    expect(stdout).toContain(`${ORIGIN}/v1/audio/speech\n`);
    expect(stdout).toContain('speech.opus\n');
  });

  test('JavaScript: the arguments are the order', () => {
    const script = SNIPPETS.JavaScript(order, ORIGIN, false);
    const [, argument = ''] = /create\(([^]*)\);\nfor/.exec(script) ?? [];
    expect(JSON.parse(argument)).toEqual({ model: 'tts-1', voice: 'alloy', ...order });
    expect(script).toContain(`baseURL: '${ORIGIN}/v1'`);
  });

  test("Python: fields that are ours go beside OpenAI's", () => {
    const script = SNIPPETS.Python(order, ORIGIN, false);
    expect(script).toContain(`    input=${JSON.stringify(TRICKY)},\n`);
    expect(script).toContain('    extra_body={"latency": "fast", "seed": 7},\n');
    expect(script).not.toContain('import os');
  });

  test.each(Object.entries(SNIPPETS))('%s: a key is named, not shown', (_, write) => {
    expect(write(order, ORIGIN, true)).toContain('BARK_API_KEY');
    expect(write(order, ORIGIN, false)).not.toContain('BARK_API_KEY');
  });
});
