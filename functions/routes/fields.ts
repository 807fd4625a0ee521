/** Checks the fields of a body; the error names the field and what it takes, never what it held. */
import * as z from 'zod/mini';
import { en } from 'zod/locales';
import { SpeechFault } from '#shared/errors.ts';

const { localeError } = en();

export function parseFields<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: localeError });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue?.path.join('.') ?? '';
  const message = issue?.message ?? 'Invalid input';
  throw new SpeechFault(
    'invalid_request',
    `${param === '' ? 'The body' : param}: ${message}.`,
    param === '' ? {} : { param },
  );
}
