import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeVoice } from '../bark/voice.ts';
import { unpackFrames } from '../codec/codes-layout.ts';
import { parseAudioMessage, parseVoiceMessage } from './binary-message.ts';
import * as limits from './limits.ts';
import { parseClientMessage, parseServerMessage } from './messages.ts';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** The fenced examples of one language and one side. */
function examples(language: 'json' | 'hex', side: 'edge' | 'backend'): string[] {
  const fence = new RegExp(`^\`\`\`${language} ${side}\n([^\`]*)\`\`\`$`, 'gm');
  return [...page.matchAll(fence)].map(([, text]) => (text ?? '').trim());
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (byte) => parseInt(byte, 16));
}

/** As the table on the page writes it. */
function seconds(ms: number): string {
  return `${(ms / 1_000).toLocaleString('en-US').replace(',', ' ')} s`;
}

describe('the page on the protocol', () => {
  test.each(examples('json', 'edge'))('the edge may say %s', (text) => {
    expect(parseClientMessage(text)).toEqual(JSON.parse(text));
  });

  test.each(examples('json', 'backend'))('the backend may say %s', (text) => {
    expect(parseServerMessage(text)).toEqual(JSON.parse(text));
  });

  test('shows every type of text message', () => {
    const types = [...examples('json', 'edge'), ...examples('json', 'backend')].map(
      (text) => (JSON.parse(text) as { type: string }).type,
    );
    const source = readFileSync(new URL('./messages.ts', import.meta.url), 'utf8');
    const declared = [...source.matchAll(/type: z\.literal\('([^']+)'\)/g)].map(([, type]) => type);
    expect(new Set(types)).toEqual(new Set(declared));
  });

  test('its audio message reads as it says', () => {
    const [hex = ''] = examples('hex', 'backend');
    expect(parseAudioMessage(fromHex(hex))).toEqual({
      kind: 0,
      request: 7,
      sequence: 2,
      sampleOffset: 4_800,
      payload: Uint8Array.of(1, 0, 255, 127),
    });
  });

  test('its codes read as it says', () => {
    const [, hex = ''] = examples('hex', 'backend');
    const message = parseAudioMessage(fromHex(hex));
    expect(message).toMatchObject({ kind: 1, request: 7, sequence: 0, sampleOffset: 4 * 320 });
    const codes = unpackFrames(message?.payload ?? new Uint8Array(0), {
      codebooks: 8,
      codeBits: 10,
    });
    expect([...codes]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(page).toContain(`\`GET ${limits.DECODER_PATH}{sha256}.onnx\``);
  });

  test('its voice is one', () => {
    const [hex = ''] = examples('hex', 'edge');
    const message = parseVoiceMessage(fromHex(hex));
    expect(message?.request).toBe(0);
    const voice = decodeVoice(message?.voice ?? new Uint8Array(0));
    expect([...voice.semanticPrompt]).toEqual([11, 22]);
    expect(voice.finePrompt).toHaveLength(8);
  });

  test('names the limits in force', () => {
    for (const ms of [
      limits.HELLO_TIMEOUT_MS,
      limits.ACCEPT_TIMEOUT_MS,
      limits.VOICE_TIMEOUT_MS,
      limits.FIRST_AUDIO_TIMEOUT_MS,
      limits.CREDIT_TIMEOUT_MS,
      limits.REQUEST_TIMEOUT_MS,
      limits.IDLE_TIMEOUT_MS,
    ]) {
      expect(page).toContain(`| ${seconds(ms)} |`);
    }
    expect(page).toContain(limits.SUBPROTOCOL);
    expect(page).toContain(`\`GET ${limits.SPEECH_PATH}\``);
    expect(page).toContain(`${limits.MAX_JSON_BYTES / 1_024} KiB`);
    expect(page).toContain(`${limits.MAX_BINARY_BYTES / 1_024} KiB`);
    expect(page).toContain(`every ${limits.PING_INTERVAL_MS / 1_000} seconds`);
  });
});
