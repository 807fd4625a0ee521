/** Codes and their decoder in the real runtime: through rooms, buckets and a real socket. */
import { exports } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import { CodesReader, type CodesPart } from '#shared/codec/codes-stream.ts';
import { codeAt, CODES } from '../../tests/workers/fake-backend.ts';

const edge = (exports as { default: Fetcher }).default;
const FRAMES = 150;

async function speak(input: string): Promise<Response> {
  return edge.fetch('http://127.0.0.1/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ input, response_format: 'codes' }),
  });
}

/** Reads byte by byte as it comes. */
async function partsOf(response: Response): Promise<CodesPart[]> {
  expect(response.status).toBe(200);
  const reader = new CodesReader();
  const parts: CodesPart[] = [];
  for await (const bytes of response.body ?? []) parts.push(...reader.add(bytes));
  expect(reader.hasEnded).toBe(true);
  expect(reader.header?.decoder).toBe(CODES.decoder);
  return parts;
}

function codesOf(parts: readonly CodesPart[]): number[] {
  return parts.flatMap((part) => (part.kind === 'frames' ? [...part.codes] : []));
}

describe('codes', () => {
  test('are told once, kept, and told again as a take', async () => {
    const first = await speak('Hello world, in codes.');
    expect(first.headers.get('X-Cache')).toBe('MISS');
    const codes = codesOf(await partsOf(first));
    expect(codes).toEqual(
      Array.from({ length: 8 * FRAMES }, (_, i) => codeAt(Math.floor(i / 8), i % 8, 0)),
    );
    const second = await speak('Hello world, in codes.');
    expect(second.headers.get('X-Cache')).toBe('HIT');
    expect(codesOf(await partsOf(second))).toEqual(codes);
    const take = first.headers.get('X-Take-Id');
    await vi.waitFor(async () => {
      const url = `http://127.0.0.1/v1/takes/${take}/audio?response_format=codes`;
      expect(codesOf(await partsOf(await edge.fetch(url)))).toEqual(codes);
    });
  });

  test('are decoded by a file that the backend has, and keeps to itself otherwise', async () => {
    const response = await edge.fetch(`http://127.0.0.1/v1/codec/${CODES.decoder}.onnx`);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(await response.text()).toBe('no real decoder');
    const other = await edge.fetch(`http://127.0.0.1/v1/codec/${'ab'.repeat(32)}.onnx`);
    expect(other.status).toBe(404);
    await other.text();
  });
});
