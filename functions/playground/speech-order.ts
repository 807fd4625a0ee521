/** What is asked of the edge: fields as POST /v1/audio/speech takes them. */

export interface SpeechOrder {
  readonly input: string;
  readonly response_format: string;
  readonly latency: string;
  readonly voice?: string;
  readonly seed?: number;
  readonly speed?: number;
  readonly temperature?: number;
}

/** A form's answers by the names of its fields; what is left empty or as usual is left out. */
export function readOrder(field: (name: string) => string): SpeechOrder {
  const given = (name: string): string | null => {
    const text = field(name).trim();
    return text === '' ? null : text;
  };
  const number = (name: string): number | null => {
    const text = given(name);
    return text === null ? null : Number(text.replace(',', '.'));
  };
  const voice = given('voice');
  const seed = number('seed');
  const speed = number('speed');
  const temperature = number('temperature');
  return {
    input: field('input'),
    response_format: field('response_format'),
    latency: field('latency'),
    ...(voice === null ? {} : { voice }),
    ...(seed === null ? {} : { seed }),
    ...(speed === null || speed === 1 ? {} : { speed }),
    ...(temperature === null ? {} : { temperature }),
  };
}

/** Why it can not be asked for, in words for who typed it; null if it can. */
export function complaint(order: SpeechOrder, maxCharacters: number): string | null {
  if (order.input.trim() === '') return 'Type something to say.';
  const characters = countCharacters(order.input);
  if (characters > maxCharacters) {
    return `The text has ${characters} characters; one request takes ${maxCharacters}. Shorten it, or say it in parts.`;
  }
  if (order.seed !== undefined && !(Number.isSafeInteger(order.seed) && order.seed >= 0)) {
    return 'The seed must be a whole number of at least 0; leave it empty to let the content choose.';
  }
  if (order.temperature !== undefined && !(order.temperature > 0 && order.temperature <= 100)) {
    return 'The temperature must be a number above 0 and at most 100; leave it empty for the usual.';
  }
  return null;
}

/** Code points, as the edge counts. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
