/** What a path answers to the methods it does not have; stands after the handlers of those it has. */
import type { Handler } from 'hono';
import { SpeechFault } from '#shared/errors.ts';

/** `Allow` as RFC 9110 section 15.5.6 asks for it. */
export function onlyMethods(...methods: readonly string[]): Handler {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return function refuseMethod(c) {
    c.header('Allow', allow);
    throw new SpeechFault('method_not_allowed', `This path takes ${allow}.`);
  };
}
