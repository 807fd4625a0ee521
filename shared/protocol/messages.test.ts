import { describe, expect, test } from 'vitest';
import { SpeechFault } from '../errors.ts';
import { MAX_JSON_BYTES } from './limits.ts';
import {
  encodeMessage,
  faultFromMessage,
  faultMessage,
  parseClientMessage,
  parseServerMessage,
  type ClientMessage,
  type ServerMessage,
} from './messages.ts';

const HASH = 'ab'.repeat(32);

// the wire itself is the key: a change here is a change of protocol
const CLIENT_ON_THE_WIRE: Record<string, ClientMessage> = {
  [`{"type":"speak","request":0,"ids":[101,7],"voice":null,"options":{},"latency":"exact","seed":0,"row":0}`]:
    {
      type: 'speak',
      request: 0,
      ids: [101, 7],
      voice: null,
      options: {},
      latency: 'exact',
      seed: 0,
      row: 0,
    },
  [`{"type":"speak","request":3,"ids":[5],"mask":[1],"voice":"${HASH}","options":{"semantic":{"temperature":0.6,"topK":null,"minEosP":0.2},"coarse":{"doSample":false},"fine":{"temperature":null}},"latency":"fast","seed":9007199254740991,"row":4294967295}`]:
    {
      type: 'speak',
      request: 3,
      ids: [5],
      mask: [1],
      voice: HASH,
      options: {
        semantic: { temperature: 0.6, topK: null, minEosP: 0.2 },
        coarse: { doSample: false },
        fine: { temperature: null },
      },
      latency: 'fast',
      seed: Number.MAX_SAFE_INTEGER,
      row: 0xffff_ffff,
    },
  '{"type":"speak","request":0,"ids":[5],"voice":null,"options":{},"latency":"balanced","seed":0,"row":1,"caller":"key_7","id":"2f1c-a","patienceMs":20000}':
    {
      type: 'speak',
      request: 0,
      ids: [5],
      voice: null,
      options: {},
      latency: 'balanced',
      seed: 0,
      row: 1,
      caller: 'key_7',
      id: '2f1c-a',
      patienceMs: 20_000,
    },
  '{"type":"credit","request":1,"samples":48000}': { type: 'credit', request: 1, samples: 48_000 },
  '{"type":"cancel","request":1}': { type: 'cancel', request: 1 },
  '{"type":"ping"}': { type: 'ping' },
  '{"type":"pong"}': { type: 'pong' },
};

const STAGE = '{"ms":12.5,"steps":3}';

const SERVER_ON_THE_WIRE: Record<string, ServerMessage> = {
  [`{"type":"hello","protocol":1,"model":"bark-small","vocabulary":"${HASH}","sampleRate":24000,"maxSentenceTokens":256,"latencyModes":["exact","fast"]}`]:
    {
      type: 'hello',
      protocol: 1,
      model: 'bark-small',
      vocabulary: HASH,
      sampleRate: 24_000,
      maxSentenceTokens: 256,
      latencyModes: ['exact', 'fast'],
    },
  '{"type":"accepted","request":1}': { type: 'accepted', request: 1 },
  '{"type":"accepted","request":1,"position":3}': { type: 'accepted', request: 1, position: 3 },
  '{"type":"fault","request":1,"code":"busy","message":"Full.","retryAfterMs":500,"position":9}': {
    type: 'fault',
    request: 1,
    code: 'busy',
    message: 'Full.',
    retryAfterMs: 500,
    position: 9,
  },
  [`{"type":"voice-needed","request":1,"voice":"${HASH}"}`]: {
    type: 'voice-needed',
    request: 1,
    voice: HASH,
  },
  '{"type":"progress","request":1,"stage":"semantic","step":47}': {
    type: 'progress',
    request: 1,
    stage: 'semantic',
    step: 47,
  },
  [`{"type":"done","request":1,"samples":320,"report":{"queueMs":0,"firstAudioMs":1,"totalMs":2,"semantic":${STAGE},"coarse":${STAGE},"fine":${STAGE},"codec":${STAGE}}}`]:
    {
      type: 'done',
      request: 1,
      samples: 320,
      report: {
        queueMs: 0,
        firstAudioMs: 1,
        totalMs: 2,
        semantic: { ms: 12.5, steps: 3 },
        coarse: { ms: 12.5, steps: 3 },
        fine: { ms: 12.5, steps: 3 },
        codec: { ms: 12.5, steps: 3 },
      },
    },
  '{"type":"fault","request":null,"code":"draining","message":"Going away.","retryAfterMs":500}': {
    type: 'fault',
    request: null,
    code: 'draining',
    message: 'Going away.',
    retryAfterMs: 500,
  },
  '{"type":"drain","withinMs":30000}': { type: 'drain', withinMs: 30_000 },
  '{"type":"ping"}': { type: 'ping' },
  '{"type":"pong"}': { type: 'pong' },
};

describe('from the edge', () => {
  test.each(Object.entries(CLIENT_ON_THE_WIRE))('%s', (text, message) => {
    expect(encodeMessage(message)).toBe(text);
    expect(parseClientMessage(text)).toEqual(message);
  });
});

describe('from the backend', () => {
  test.each(Object.entries(SERVER_ON_THE_WIRE))('%s', (text, message) => {
    expect(encodeMessage(message)).toBe(text);
    expect(parseServerMessage(text)).toEqual(message);
  });
});

describe('the future', () => {
  test.each(['{"type":"rewind","request":1}', '{"type":""}', '{"type":"__proto__"}'])(
    'a type we do not know passes unread: %s',
    (text) => {
      expect(parseClientMessage(text)).toBeNull();
      expect(parseServerMessage(text)).toBeNull();
    },
  );

  test('what the other side says is unknown to this one', () => {
    expect(parseClientMessage('{"type":"hello"}')).toBeNull();
    expect(parseServerMessage('{"type":"speak"}')).toBeNull();
  });

  test('a new field of a known message is ignored', () => {
    expect(parseClientMessage('{"type":"cancel","request":1,"why":"bored"}')).toEqual({
      type: 'cancel',
      request: 1,
    });
  });

  test('an option we do not know is refused: it would change what is heard', () => {
    const text = speak({ options: { semantic: { numBeams: 4 } } });
    expect(() => parseClientMessage(text)).toThrow(SpeechFault);
  });

  test('another version of the protocol is refused', () => {
    const text =
      '{"type":"hello","protocol":2,"model":"m","vocabulary":null,"sampleRate":24000,"maxSentenceTokens":256,"latencyModes":[]}';
    expect(() => parseServerMessage(text)).toThrow('protocol');
  });
});

describe('hostile text', () => {
  test.each(['', 'null', '[]', '7', '"speak"', '{', '{"type":7}', '{"Type":"speak"}'])(
    'is refused: %s',
    (text) => {
      expect(() => parseClientMessage(text)).toThrow(SpeechFault);
    },
  );

  test.each([
    ['request', { request: -1 }],
    ['request', { request: 0x1_0000_0000 }],
    ['request', { request: 1.5 }],
    ['ids', { ids: [] }],
    ['ids', { ids: 'spoken words' }],
    ['ids.1', { ids: [1, -1] }],
    ['mask.0', { mask: [2] }],
    ['voice', { voice: 'v2/en_speaker_6' }],
    ['voice', { voice: HASH.toUpperCase() }],
    ['seed', { seed: 2 ** 53 }],
    ['latency', { latency: 'instant' }],
    ['options.semantic.temperature', { options: { semantic: { temperature: 0 } } }],
    ['options.semantic.minEosP', { options: { semantic: { minEosP: 1 } } }],
    ['options.coarse.topP', { options: { coarse: { topP: 1.01 } } }],
    ['options.coarse.topK', { options: { coarse: { topK: 0 } } }],
  ])('names %s and not what it holds', (field, change) => {
    try {
      parseClientMessage(speak(change));
      expect.unreachable();
    } catch (error) {
      const fault = SpeechFault.from(error);
      expect(fault.code).toBe('invalid_request');
      expect(fault.param).toBe(field);
      expect(fault.message).not.toContain('spoken words');
    }
  });

  test('is not even parsed when it is too long', () => {
    const text = `{"type":"ping","filler":"${'x'.repeat(MAX_JSON_BYTES)}"}`;
    expect(() => parseClientMessage(text)).toThrow(`${MAX_JSON_BYTES}`);
  });

  test.each([0, -1, 0.5, 24_000 * 3_600 + 1])('credit of %d samples is refused', (samples) => {
    const text = JSON.stringify({ type: 'credit', request: 1, samples });
    expect(() => parseClientMessage(text)).toThrow(SpeechFault);
  });
});

describe('faults', () => {
  test('travel with code, message and patience, without their cause', () => {
    const fault = new SpeechFault('busy', 'Try again.', {
      retryAfterMs: 250,
      cause: new Error('secret'),
    });
    const message = faultMessage(7, fault);
    expect(encodeMessage(message)).toBe(
      '{"type":"fault","request":7,"code":"busy","message":"Try again.","retryAfterMs":250}',
    );
    if (message.type !== 'fault') expect.unreachable();
    const back = faultFromMessage(message);
    expect([back.code, back.message, back.retryAfterMs]).toEqual(['busy', 'Try again.', 250]);
  });

  test.each(['on_fire', 'toString'])('%s, a code we do not know, is a failed backend', (code) => {
    const fault = faultFromMessage({ type: 'fault', request: 1, code, message: 'Hot.' });
    expect([fault.code, fault.message]).toEqual(['backend_failed', 'Hot.']);
  });
});

function speak(change: Record<string, unknown>): string {
  return JSON.stringify({
    type: 'speak',
    request: 1,
    ids: [1, 2],
    voice: null,
    options: {},
    latency: 'exact',
    seed: 1,
    row: 0,
    ...change,
  });
}
