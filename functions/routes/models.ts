/** GET /v1/models and /v1/models/{id}, as OpenAI lists them: the one model that is staged. */
import { Hono } from 'hono';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';
import { assertModel } from '../speech/model-names.ts';

export function modelsRoute({ checkpoint }: Services): Hono<AppEnv> {
  const describe = async (): Promise<{ id: string }> => {
    const { manifest } = await checkpoint.get();
    // when it was made is not known; the field is there because clients read it
    return Object.assign({ id: manifest.model }, { object: 'model', created: 0, owned_by: 'suno' });
  };
  return new Hono<AppEnv>()
    .get('/', async (c) => c.json({ object: 'list', data: [await describe()] }))
    .all('/', onlyMethods('GET', 'HEAD'))
    .get('/:id{.+}', async (c) => {
      const model = await describe();
      assertModel(c.req.param('id'), model.id);
      return c.json(model);
    })
    .all('/:id{.+}', onlyMethods('GET', 'HEAD'));
}
