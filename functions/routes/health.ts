/** GET /health: 200 when a request would be spoken, else the fault that it would meet. */
import { Hono } from 'hono';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';

export function healthRoute({ checkpoint, synthesizer }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/', async (c) => {
      const staged = await checkpoint.get();
      const session = await synthesizer.connect(c.req.raw.signal);
      try {
        checkpoint.assertServedBy(session.info, staged.manifest);
      } finally {
        session.close();
      }
      await staged.wordPiece();
      c.header('Cache-Control', 'no-store');
      return c.json({ status: 'ok', model: staged.manifest.model });
    })
    .all('/', onlyMethods('GET', 'HEAD'));
}
