/** What a browser may do on our pages: run and fetch what comes from here, and nothing else. */
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

/** `runsWebAssembly`: compiled from files of the edge, as scripts are. */
export function pageHeaders({ runsWebAssembly = false } = {}): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", ...(runsWebAssembly ? ["'wasm-unsafe-eval'"] : [])],
      ...(runsWebAssembly ? { workerSrc: ["'self'"] } : {}),
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      mediaSrc: ['blob:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
  });
}
