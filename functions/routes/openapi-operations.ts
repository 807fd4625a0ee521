/** Every route of the edge, for its description: what it takes, what it answers, how it fails. */
import {
  MAX_RATE,
  MAX_SPEED,
  MIN_RATE,
  MIN_SPEED,
  FORMAT_NAMES,
  WAV_ENCODINGS,
} from '#shared/audio/formats.ts';
import { CAPTION_MEDIA_TYPES } from '../delivery/captions.ts';
import { MAX_FILE_CHARACTERS } from '../urls/file-size.ts';
import { QUERY_WITHOUT_EFFECT } from './elevenlabs-request.ts';
import {
  answer,
  audioContent,
  BODY_FAULTS,
  jsonAnswer,
  SPEECH_FAULTS,
  SPEECH_HEADERS,
  textContent,
} from './openapi-responses.ts';
import {
  headerParameter,
  pathParameter,
  queryParameter,
  type Operation,
  type Operations,
} from './openapi-operation.ts';
import { reference, speechFields, WITHOUT_EFFECT, type Json } from './openapi-schemas.ts';

const ID = pathParameter('id', 'An id that an answer has told.');
const VOICE = pathParameter('voice', 'A voice of `/v1/voices`; its slash may be escaped or not.');
const TOKEN = pathParameter('token', 'Signed; part of the URL that was made.');
const ACCEPTING: readonly Json[] = [
  headerParameter('Prefer', '`wait=20`: how many seconds the first sound may take, at most 300.'),
  headerParameter(
    'Cache-Control',
    '`no-store` neither plays nor keeps anything, `no-cache` speaks anew.',
  ),
];
const OUTPUT_FORMAT = queryParameter(
  'output_format',
  { type: 'string', default: 'mp3_44100_128' },
  'A codec (mp3, opus, pcm, wav, ulaw, alaw), a sample rate and, of mp3 and opus, a bit rate.',
);
const THEIR_QUERY: readonly Json[] = [
  OUTPUT_FORMAT,
  ...QUERY_WITHOUT_EFFECT.map((name) => queryParameter(name, { type: 'string' }, WITHOUT_EFFECT)),
];

const speechAnswer = {
  '200': answer(
    'Audio as it is made, or server-sent events that hold it. A failure after the first byte breaks the transfer, or is an `error` event.',
    {
      ...audioContent(),
      'text/event-stream': { schema: reference('SpeechEvent') },
    },
    SPEECH_HEADERS,
  ),
};

const elevenLabs = {
  tag: 'Speech',
  parameters: [VOICE, ...THEIR_QUERY, ...ACCEPTING],
  body: 'ElevenLabsRequest',
  faults: [...BODY_FAULTS, ...SPEECH_FAULTS],
  faultShape: 'ElevenLabsError',
} as const satisfies Partial<Operation>;

const theirAudio = { '200': answer('Audio as it is made.', audioContent(), SPEECH_HEADERS) };

export const OPERATIONS: Operations = {
  '/v1/audio/speech': {
    post: {
      tag: 'Speech',
      summary: 'Speak a text',
      description: "OpenAI's body and answers, and fields of our own.",
      parameters: ACCEPTING,
      body: 'SpeechRequest',
      responses: speechAnswer,
      faults: [...BODY_FAULTS, ...SPEECH_FAULTS],
    },
    get: {
      tag: 'Speech',
      summary: 'Speak a text that stands in the URL',
      description: 'For `<audio src>`: numbers, `true`, `false` and `null` as in JSON.',
      parameters: [
        ...speechFields().map(([name, { description, ...schema }]) =>
          queryParameter(name, schema, String(description), name === 'input'),
        ),
        ...ACCEPTING,
      ],
      responses: speechAnswer,
      faults: SPEECH_FAULTS,
    },
  },
  '/v1/text-to-speech/{voice}': {
    post: { ...elevenLabs, summary: "Speak, in ElevenLabs' words", responses: theirAudio },
  },
  '/v1/text-to-speech/{voice}/stream': {
    post: { ...elevenLabs, summary: 'The same audio', responses: theirAudio },
  },
  '/v1/text-to-speech/{voice}/with-timestamps': {
    post: {
      ...elevenLabs,
      summary: 'Speak, with the times of sentences',
      responses: {
        '200': answer(
          'All of it, when it is spoken; all characters of a sentence have the times of the sentence.',
          { 'application/json': { schema: reference('TimedSpeech') } },
          SPEECH_HEADERS,
        ),
      },
    },
  },
  '/v1/text-to-speech/{voice}/stream/with-timestamps': {
    post: {
      ...elevenLabs,
      summary: 'The same, a JSON object a line, as it is made',
      responses: {
        '200': answer(
          'Lines of JSON, each a `TimedSpeech`; times come with the piece that ends a sentence.',
          { 'application/x-ndjson': { schema: reference('TimedSpeech') } },
          SPEECH_HEADERS,
        ),
      },
    },
  },
  '/v1/audio/urls': {
    post: {
      tag: 'Audio URLs',
      summary: 'Make a URL of a speech',
      description: `Making it pays for its characters; listening is free and needs no key. The text may have ${MAX_FILE_CHARACTERS} characters.`,
      body: 'AudioUrlRequest',
      responses: { '201': jsonAnswer('The URL, and those of its captions.', 'AudioUrl') },
      faults: [
        ...BODY_FAULTS,
        'not_found',
        'model_not_found',
        'voice_not_found',
        'text_too_long',
        'insufficient_quota',
      ],
    },
  },
  '/listen/{token}/{name}': {
    get: {
      tag: 'Audio URLs',
      summary: 'Play a speech',
      description: 'Live while it is made, then a file that can be sought in.',
      isOpen: true,
      parameters: [
        TOKEN,
        pathParameter('name', 'speech.mp3 and so on, as the URL was made.'),
        headerParameter('Range', 'One range of bytes.'),
      ],
      responses: {
        '200': answer('The whole.', audioContent(), ['ETag']),
        '206': answer('A part.', audioContent(), ['ETag', 'Content-Range']),
        '304': { description: 'As `If-None-Match` has it.' },
        '412': { description: 'Not what `If-Match` has.' },
        '416': { description: 'The range lies behind the end.' },
      },
      faults: ['forbidden', 'not_found', 'backend_unavailable', 'backend_failed', 'timeout'],
    },
  },
  '/listen/{token}/captions.vtt': captionsOperation('WebVTT', CAPTION_MEDIA_TYPES.vtt),
  '/listen/{token}/captions.srt': captionsOperation('SubRip', CAPTION_MEDIA_TYPES.srt),
  '/v1/takes/{id}': {
    get: {
      tag: 'Takes',
      summary: 'What a take was and has cost',
      parameters: [pathParameter('id', '`X-Take-Id` of an answer that was heard to its end.')],
      responses: { '200': jsonAnswer('As its `speech.audio.done` said.', 'Take') },
      faults: ['not_found'],
    },
  },
  '/v1/takes/{id}/audio': {
    get: {
      tag: 'Takes',
      summary: 'Its sound again, in any format',
      parameters: [
        ID,
        queryParameter('response_format', { type: 'string', enum: FORMAT_NAMES }, 'The format.'),
        queryParameter(
          'encoding',
          { type: 'string', enum: WAV_ENCODINGS },
          'How a wav holds its samples.',
        ),
        queryParameter(
          'sample_rate',
          { type: 'integer', minimum: MIN_RATE, maximum: MAX_RATE },
          'Samples a second.',
        ),
        queryParameter(
          'speed',
          { type: 'number', minimum: MIN_SPEED, maximum: MAX_SPEED },
          'How many times as fast.',
        ),
      ],
      responses: { '200': answer('Audio.', audioContent(), ['X-Take-Id', 'X-Cache']) },
      faults: ['invalid_request', 'not_found'],
    },
  },
  '/v1/codec/{file}': {
    get: {
      tag: 'Takes',
      summary: 'The file that decodes codes',
      description: 'ONNX, fp32, weights within; under its SHA-256 it never changes.',
      parameters: [
        pathParameter('file', 'The SHA-256 that the header of a stream of codes names, and .onnx.'),
      ],
      responses: {
        '200': answer('The file.', { 'application/octet-stream': {} }, ['ETag']),
        '304': { description: 'As `If-None-Match` has it.' },
      },
      faults: ['not_found', 'backend_unavailable'],
    },
  },
  '/v1/requests/{id}': {
    get: {
      tag: 'Takes',
      summary: 'What a request has cost, sentence by sentence',
      parameters: [pathParameter('id', '`X-Request-Id` of an answer.')],
      responses: { '200': jsonAnswer('Sentences that have ended.', 'SpeechRecord') },
      faults: ['not_found', 'backend_unavailable', 'backend_failed', 'timeout'],
    },
  },
  '/v1/voices': {
    get: {
      tag: 'Voices and models',
      summary: 'All voices',
      responses: { '200': jsonAnswer('Voices, and which speaks by default.', 'VoiceList') },
      faults: ['backend_unavailable'],
    },
  },
  '/v1/voices/{id}': {
    get: {
      tag: 'Voices and models',
      summary: 'One voice',
      parameters: [ID],
      responses: { '200': jsonAnswer('The voice.', 'Voice') },
      faults: ['voice_not_found', 'backend_unavailable'],
    },
  },
  '/v2/voices': {
    get: {
      tag: 'Voices and models',
      summary: 'Pages of voices',
      parameters: [
        queryParameter('search', { type: 'string' }, 'Part of an id, a name or a language.'),
        queryParameter('page_size', { type: 'integer', default: 10, maximum: 100 }, 'A page.'),
        queryParameter('next_page_token', { type: 'string' }, 'As the page before told.'),
      ],
      responses: { '200': jsonAnswer('A page.', 'VoicePage') },
      faults: ['backend_unavailable'],
    },
  },
  '/v1/models': {
    get: {
      tag: 'Voices and models',
      summary: 'The staged model, as a list',
      responses: { '200': jsonAnswer("OpenAI's list.", 'ModelList') },
      faults: ['backend_unavailable'],
    },
  },
  '/v1/models/{id}': {
    get: {
      tag: 'Voices and models',
      summary: 'That model, also under its other names',
      parameters: [ID],
      responses: { '200': jsonAnswer('The model.', 'Model') },
      faults: ['model_not_found', 'backend_unavailable'],
    },
  },
  '/v1/usage': {
    get: {
      tag: 'Keys and usage',
      summary: 'What the key that asks has left',
      responses: { '200': jsonAnswer('Counts.', 'Usage') },
    },
  },
  '/v1/tokens': {
    post: {
      tag: 'Keys and usage',
      summary: 'Make a short-lived token for a browser',
      body: 'TokenRequest',
      responses: { '201': jsonAnswer('The token.', 'Token') },
      faults: [...BODY_FAULTS, 'not_found'],
    },
  },
  '/v1/keys': {
    post: {
      tag: 'Keys and usage',
      summary: 'Make a key',
      body: 'NewKeyRequest',
      responses: { '201': jsonAnswer('The key itself, told this once.', 'NewKey') },
      faults: [...BODY_FAULTS, 'not_found'],
    },
    get: {
      tag: 'Keys and usage',
      summary: 'List keys, 100 a page',
      parameters: [queryParameter('after', { type: 'string' }, 'The last id of the page before.')],
      responses: { '200': jsonAnswer('Keys.', 'KeyList') },
      faults: ['not_found'],
    },
  },
  '/v1/keys/{id}': {
    get: {
      tag: 'Keys and usage',
      summary: 'Describe a key',
      parameters: [ID],
      responses: { '200': jsonAnswer('The key, without its secret.', 'Key') },
      faults: ['not_found'],
    },
    delete: {
      tag: 'Keys and usage',
      summary: 'Revoke a key',
      parameters: [ID],
      responses: { '200': jsonAnswer('Revoked, from the next request on.', 'Key') },
      faults: ['not_found'],
    },
  },
  '/health': {
    get: {
      tag: 'Service',
      summary: 'Whether a request would be spoken',
      isOpen: true,
      responses: { '200': jsonAnswer('It would.', 'Health') },
      faults: ['backend_unavailable', 'backend_mismatch', 'draining', 'timeout'],
    },
  },
  '/openapi.json': {
    get: {
      tag: 'Service',
      summary: 'This description',
      isOpen: true,
      responses: { '200': answer('OpenAPI 3.1.', { 'application/json': {} }) },
    },
  },
  '/docs': pageOperation('This description, to read'),
  '/': pageOperation('The playground: type, listen, look'),
  '/playground/{file}': {
    get: {
      tag: 'Service',
      summary: 'What the pages are made of',
      isOpen: true,
      parameters: [
        pathParameter('file', 'A script, a style sheet, or the runtime that decodes codes.'),
      ],
      responses: {
        '200': answer('The file.', {
          ...textContent('text/css'),
          ...textContent('text/javascript'),
          'application/wasm': {},
        }),
      },
      faults: ['not_found'],
    },
  },
};

function captionsOperation(name: string, mediaType: string): { get: Operation } {
  return {
    get: {
      tag: 'Audio URLs',
      summary: `Captions, as ${name}`,
      description: 'One cue a sentence, in the words as they were given, when all is spoken.',
      isOpen: true,
      parameters: [TOKEN],
      responses: { '200': answer('Captions.', textContent(mediaType)) },
      faults: ['forbidden', 'not_found', 'backend_unavailable', 'backend_failed', 'timeout'],
    },
  };
}

function pageOperation(summary: string): { get: Operation } {
  return {
    get: {
      tag: 'Service',
      summary,
      isOpen: true,
      responses: { '200': answer('A page.', textContent('text/html')) },
    },
  };
}
