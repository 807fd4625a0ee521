/** A schema as a table of its fields. */
import { html } from 'hono/html';
import { fieldTable, list, members, prose, schemaLink, typeOf, type Html } from './docs-text.ts';
import type { Json } from './openapi-schemas.ts';

export function renderSchema(name: string, schema: Json): Html {
  const variants = [...list(schema['oneOf']), ...list(schema['anyOf'])];
  const parts = list(schema['allOf']);
  return html`<article id="schema-${name}" aria-labelledby="title-${name}">
    <h3 id="title-${name}">${name}</h3>
    ${variants.length > 0 ? html`<p>One of these:</p>` : ''}
    ${[...variants, ...parts].map((part) =>
      part['$ref'] === undefined
        ? fields(name, part)
        : html`<p>All of ${schemaLink(part)}, and:</p>`,
    )}
    ${variants.length + parts.length === 0 ? fields(name, schema) : ''}
  </article>`;
}

function fields(name: string, schema: Json): Html {
  const required: unknown = schema['required'];
  const isRequired = (field: string): boolean =>
    Array.isArray(required) &&
    required.includes(field) &&
    !('default' in Object(schema['properties'])[field]);
  const rows = members(schema['properties']).map(
    ([field, property]) =>
      html`<tr>
        <th scope="row"><code>${field}</code>${isRequired(field) ? html` <em>always</em>` : ''}</th>
        <td>${typeOf(property)}</td>
        <td>${prose(property['description'])}${defaultOf(property)}</td>
      </tr>`,
  );
  return fieldTable(`Fields of ${name}`, 'field', rows);
}

function defaultOf(property: Json): Html | '' {
  if (!('default' in property)) return '';
  return html` Default: <code>${JSON.stringify(property['default'])}</code>.`;
}
