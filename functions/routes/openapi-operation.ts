/** One route in words of the house, and how it stands in OpenAPI. */
import type { FaultCode } from '#shared/errors.ts';
import type { AnswerName } from './openapi-answers.ts';
import { failures, KEY_FAULTS } from './openapi-responses.ts';
import { reference, type Json } from './openapi-schemas.ts';

export const TAGS = {
  Speech: 'Text in, audio out, streamed while it is made.',
  'Audio URLs': 'One URL that plays anywhere, for a time, without a key.',
  Takes: 'What was spoken, and its sound again.',
  'Voices and models': 'What there is to choose from.',
  'Keys and usage': 'Who may call, and how much.',
  Service: 'The edge about itself.',
} as const;

type Tag = keyof typeof TAGS;

export interface Operation {
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** Where no key is asked for. */
  readonly isOpen?: true;
  readonly parameters?: readonly Json[];
  readonly body?: string;
  readonly responses: Json;
  readonly faults?: readonly FaultCode[];
  readonly faultShape?: AnswerName;
}

export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** Operations by path and method, as OpenAPI has them; HEAD goes with GET, and every path answers OPTIONS. */
export function describePaths(operations: Operations): Json {
  return Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [
          method,
          describeOperation(operation, operationId(method, path)),
        ]),
      ),
    ]),
  );
}

function describeOperation(operation: Operation, id: string): Json {
  const { tag, summary, description, isOpen, parameters = [], body, responses } = operation;
  const faults = [...(isOpen === true ? [] : KEY_FAULTS), ...(operation.faults ?? [])];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isOpen === true ? { security: [] } : {}),
    parameters,
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: reference(body) } },
          },
        }),
    responses: { ...responses, ...failures(faults, operation.faultShape) },
  };
}

/** `post /v1/audio/speech` is `post_v1_audio_speech`. */
function operationId(method: string, path: string): string {
  return [method, ...(path.match(/[a-zA-Z0-9]+/g) ?? ['page'])].join('_');
}

export function pathParameter(name: string, description: string): Json {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

export function headerParameter(name: string, description: string): Json {
  return { name, in: 'header', description, schema: { type: 'string' } };
}

export function queryParameter(
  name: string,
  schema: Json,
  description: string,
  required = false,
): Json {
  return { name, in: 'query', required, description, schema };
}
