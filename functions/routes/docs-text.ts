/** Reading a description that is JSON: what is there as text, and a schema in a few words. */
import { html, raw } from 'hono/html';
import type { Json } from './openapi-schemas.ts';

export type Html = ReturnType<typeof html>;

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The members of an object, those of it that are objects. */
export function members(value: unknown): [string, Json][] {
  return Object.entries(Object(value)).flatMap(([name, member]) =>
    isJson(member) ? [[name, member]] : [],
  );
}

export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** `code` between backquotes, as in the rest of the documentation. */
export function prose(value: unknown): Html {
  const parts = text(value).split('`');
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** A link to a schema by its name. */
export function schemaLink({ $ref }: Json): Html {
  const name = text($ref).split('/').at(-1) ?? '';
  return html`<a href="#schema-${name}">${name}</a>`;
}

/** What a value may be, in a few words. */
export function typeOf(schema: Json): Html {
  if (schema['$ref'] !== undefined) return schemaLink(schema);
  if (schema['const'] !== undefined) return html`<code>${JSON.stringify(schema['const'])}</code>`;
  if (Array.isArray(schema['enum'])) {
    const choices = schema['enum'].filter((choice) => choice !== null);
    return html`${choices.map((choice, i) => html`${i > 0 ? ' ' : ''}<code>${String(choice)}</code>`)}`;
  }
  const either = [...list(schema['anyOf']), ...list(schema['oneOf'])];
  if (either.length > 0) {
    return html`${either.map((one, i) => html`${i > 0 ? raw(' or ') : ''}${typeOf(one)}`)}`;
  }
  if (schema['type'] === 'array') return html`list of ${typeOf(Object(schema['items']))}`;
  const types = [schema['type'] ?? 'any'].flat().map(text);
  return html`${types.join(' or ')}${bounds(schema)}`;
}

/** Such as ` from 0 to 1`; empty where there are none worth telling. */
function bounds(schema: Json): string {
  const words = BOUNDS.flatMap(([name, word]) => {
    const bound = schema[name];
    return typeof bound === 'number' && bound < Number.MAX_SAFE_INTEGER
      ? [` ${word} ${bound}`]
      : [];
  });
  const isText = schema['minLength'] !== undefined || schema['maxLength'] !== undefined;
  return `${words.join('')}${isText ? ' characters' : ''}`;
}

const BOUNDS = [
  ['minimum', 'from'],
  ['exclusiveMinimum', 'above'],
  ['minLength', 'from'],
  ['maximum', 'to'],
  ['exclusiveMaximum', 'below'],
  ['maxLength', 'to'],
] as const;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A table that scrolls by itself where it is wide: what is called so, what it takes, what it means. */
export function fieldTable(label: string, name: string, rows: readonly Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}">
    <table>
      <thead>
        <tr>
          <th scope="col">${name}</th>
          <th scope="col">takes</th>
          <th scope="col">meaning</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
