/** GET /health: 200 when a request would be spoken, else the fault that it would meet. */
import { SpeechFault } from '#shared/errors.ts';
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
        const { drainsWithinMs: retryAfterMs } = session.info;
        if (retryAfterMs !== undefined) {
          throw new SpeechFault('draining', 'The backend is going away.', { retryAfterMs });
        }
      } finally {
        session.close();
      }
      await staged.wordPiece();
      c.header('Cache-Control', 'no-store');
      return c.json({ status: 'ok', model: staged.manifest.model });
    })
    .all('/', onlyMethods('GET', 'HEAD'));
}
