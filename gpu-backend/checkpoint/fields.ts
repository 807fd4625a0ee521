/** Fields of a JSON file, each with the sentence that is said when a value does not fit. */
import { z } from 'zod/mini';
import { CheckpointError } from './checkpoint-error.ts';

/** An integer in `min`..`max`. */
export function integer(min: number, max: number) {
  const message = `must be an integer in ${min}..${max}`;
  return z.int(message).check(z.gte(min, message), z.lte(max, message));
}

/** A number above 0 and at most `max`. */
export function positive(max: number) {
  const message = `must be a number above 0 and at most ${max}`;
  return z.number(message).check(z.gt(0, message), z.lte(max, message));
}

/** True or false. */
export function flag() {
  return z.boolean('must be true or false');
}

/**
 * A field of which only one value is supported. Left out means that value.
 * @param remedy what to do about any other value, as the end of a sentence.
 */
export function only<const Value extends string | number | boolean | null>(
  value: Value,
  remedy: string,
) {
  return z.optional(z.literal(value, `is supported only as ${JSON.stringify(value)}; ${remedy}`));
}

/** An object with these fields; others are ignored. */
export function fields<const Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.object(shape, 'must be an object');
}

/** Checks `value` against `schema`; throws CheckpointError naming `file` and every field at fault. */
export function checkFields<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
  file: string,
): z.output<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? 'the file' : path.join('.')} ${message}`,
  );
  throw new CheckpointError(`${file}: ${faults.join('; ')}.`);
}
