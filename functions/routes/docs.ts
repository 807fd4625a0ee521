/** GET /docs: the description of the API as a page to read; no script, so it needs none. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';
import { renderOperation } from './docs-operation.ts';
import { renderSchema } from './docs-schema.ts';
import { members, text } from './docs-text.ts';
import { openApiDocument } from './openapi.ts';
import type { Json } from './openapi-schemas.ts';
import { pageHeaders } from './page-headers.ts';

export function docsRoute({ keys }: Pick<Services, 'keys'>): Hono<AppEnv> {
  let page: ReturnType<typeof renderDocs> | undefined;
  return new Hono<AppEnv>()
    .get('/', pageHeaders(), (c) => {
      c.header('Cache-Control', 'no-cache');
      page ??= renderDocs(openApiDocument(keys !== null));
      return c.html(page);
    })
    .all('/', onlyMethods('GET', 'HEAD'));
}

export function renderDocs(document: Json): ReturnType<typeof html> {
  const { tags, paths, components } = document;
  const operations = members(paths).flatMap(([path, methods]) =>
    members(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = (Array.isArray(tags) ? tags : []).map((tag: Json) => ({
    name: text(tag['name']),
    description: text(tag['description']),
    operations: operations.filter(({ operation }) =>
      [operation['tags']].flat().includes(tag['name']),
    ),
  }));
  const schemas = members(Object(components).schemas);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>bark-edge: the API</title>
        <link rel="stylesheet" href="/playground/docs.css" />
      </head>
      <body>
        <a class="skip" href="#main">To the routes</a>
        <header>
          <a class="brand" href="/">bark-edge</a>
          <p>Streaming text-to-speech with Bark: every route, as the code has it.</p>
          <p><a href="/">Playground</a> <a href="/openapi.json">openapi.json</a></p>
        </header>
        <nav aria-label="Routes">
          ${groups.map(
            (group) =>
              html`<h2>${group.name}</h2>
                <ul>
                  ${group.operations.map(
                    ({ path, method, operation }) =>
                      html`<li>
                        <a href="#${text(operation['operationId'])}"
                          ><b>${method}</b> <span>${path}</span></a
                        >
                      </li>`,
                  )}
                </ul>`,
          )}
          <h2><a href="#schemas">Schemas</a></h2>
        </nav>
        <main id="main">
          <h1>The API</h1>
          <p>
            Keys go as <code>Authorization: Bearer bk_...</code> or <code>xi-api-key: bk_...</code>;
            on the machine that it runs on, without the secret <code>EDGE_SECRET</code>, none is
            asked for. Every <code>GET</code> answers <code>HEAD</code>, every path
            <code>OPTIONS</code>.
          </p>
          ${groups.map(
            (group) =>
              html`<section>
                <h2>${group.name}</h2>
                <p>${group.description}</p>
                ${group.operations.map((one) => renderOperation(one))}
              </section>`,
          )}
          <section id="schemas">
            <h2>Schemas</h2>
            ${schemas.map(([name, schema]) => renderSchema(name, schema))}
          </section>
        </main>
      </body>
    </html>`;
}
