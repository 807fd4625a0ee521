/** A route as an article: its parameters, its body, its answers. */
import { html } from 'hono/html';
import {
  fieldTable,
  list,
  members,
  prose,
  schemaLink,
  text,
  typeOf,
  type Html,
} from './docs-text.ts';
import type { Json } from './openapi-schemas.ts';

interface Described {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
}

export function renderOperation({ path, method, operation }: Described): Html {
  const id = text(operation['operationId']);
  const [body] = members(Object(operation['requestBody']).content);
  return html`<article id="${id}" aria-labelledby="title-${id}">
    <h3 id="title-${id}"><span class="method ${method}">${method}</span> <code>${path}</code></h3>
    <p class="lead">${text(operation['summary'])}</p>
    ${operation['description'] === undefined ? '' : html`<p>${prose(operation['description'])}</p>`}
    ${operation['security'] === undefined ? '' : html`<p class="note">Needs no key.</p>`}
    ${parameters(id, list(operation['parameters']))}
    ${body === undefined ? '' : html`<p>Body: ${schemaLink(Object(body[1]['schema']))} as <code>${body[0]}</code></p>`}
    <dl>
      ${members(operation['responses']).map(([status, response]) => answer(status, response))}
    </dl>
  </article>`;
}

function parameters(id: string, all: readonly Json[]): Html | '' {
  if (all.length === 0) return '';
  const rows = all.map(
    (parameter) =>
      html`<tr>
        <th scope="row">
          <code>${text(parameter['name'])}</code>
          <em>${text(parameter['in'])}${parameter['required'] === true ? ', always' : ''}</em>
        </th>
        <td>${typeOf(Object(parameter['schema']))}</td>
        <td>${prose(parameter['description'])}</td>
      </tr>`,
  );
  return fieldTable(`Parameters of ${id}`, 'parameter', rows);
}

function answer(status: string, response: Json): Html {
  const content = members(response['content']);
  const named = content.filter(([, { schema }]) => Object(schema).$ref !== undefined);
  const types = content.map(([type]) => type);
  const headers = Object.keys(Object(response['headers']));
  return html`<div class="${Number(status) < 400 ? 'good' : 'bad'}">
    <dt>${status}</dt>
    <dd>
      ${prose(response['description'])}
      ${named.map(([, { schema }]) => html` ${schemaLink(Object(schema))}`)}
      ${Number(status) < 400 && types.length > 0 ? html`<p>${types.map((type) => html`<code>${type}</code> `)}</p>` : ''}
      ${Number(status) < 400 && headers.length > 1 ? html`<p class="headers">Headers: ${headers.map((name) => html`<code>${name}</code> `)}</p>` : ''}
    </dd>
  </div>`;
}
