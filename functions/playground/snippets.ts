/** The same call in other languages, ready to be pasted; a key is named, never shown. */
import type { SpeechOrder } from './speech-order.ts';

type Write = (order: SpeechOrder, origin: string, needsKey: boolean) => string;

/** By language; `origin`: of the edge; `needsKey`: whether the call is to send `$BARK_API_KEY`. */
export const SNIPPETS = { curl, JavaScript: javaScript, Python: python } as const satisfies Record<
  string,
  Write
>;

export type Language = keyof typeof SNIPPETS;

function curl(order: SpeechOrder, origin: string, needsKey: boolean): string {
  // a quote ends a shell's string, so it stands outside of one
  const body = JSON.stringify(order).replaceAll("'", String.raw`'\''`);
  return [
    `curl -N ${origin}/v1/audio/speech`,
    ...(needsKey ? ['-H "Authorization: Bearer $BARK_API_KEY"'] : []),
    "-H 'Content-Type: application/json'",
    `-d '${body}'`,
    `-o speech.${order.response_format}`,
  ].join(' \\\n  ');
}

function javaScript(order: SpeechOrder, origin: string, needsKey: boolean): string {
  const key = needsKey ? 'process.env.BARK_API_KEY' : "'none'";
  return `import OpenAI from 'openai';

const openai = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${key} });
const speech = await openai.audio.speech.create(${JSON.stringify({ model: 'tts-1', voice: 'alloy', ...order }, null, 2)});
for await (const bytes of speech.body) play(bytes);
`;
}

/** Fields that OpenAI's Python client takes as arguments of their own. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set(['input', 'voice', 'response_format', 'speed']);

function python(order: SpeechOrder, origin: string, needsKey: boolean): string {
  const fields = Object.entries({ voice: 'alloy', ...order });
  const known = fields.filter(([name]) => KNOWN_FIELDS.has(name));
  const own = fields.filter(([name]) => !KNOWN_FIELDS.has(name));
  return `${needsKey ? 'import os\n\n' : ''}from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=${needsKey ? 'os.environ["BARK_API_KEY"]' : '"none"'})
with client.audio.speech.with_streaming_response.create(
    model="tts-1",
${known.map(([name, value]) => `    ${name}=${pythonValue(value)},\n`).join('')}    extra_body=${pythonObject(own)},
) as speech:
    speech.stream_to_file("speech.${order.response_format}")
`;
}

function pythonObject(fields: readonly (readonly [string, unknown])[]): string {
  return `{${fields.map(([name, value]) => `"${name}": ${pythonValue(value)}`).join(', ')}}`;
}

/** A string or number: JSON's are Python's too. */
function pythonValue(value: unknown): string {
  return JSON.stringify(value);
}
