/** The name of a request among those of all callers: two of them may choose one id. */

interface Named {
  readonly id?: string | undefined;
  readonly caller?: string | undefined;
}

/** `id`, behind `caller/` where there is one; null for a request without an id. */
export function requestName({ id, caller }: Named): string | null {
  if (id === undefined) return null;
  return caller === undefined ? id : `${caller}/${id}`;
}

/** The id in a name. */
export function idOf(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
