/** Addresses below the one that a service has, which may have a path of its own. */

/** `http://host/prefix` and `v1/voices` make `http://host/prefix/v1/voices`; throws on what is no http(s) address. */
export function serviceUrl(base: string, path: string): URL {
  const url = URL.parse(base);
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    throw new Error(
      `${JSON.stringify(base)} is not an address of a service; give one such as http://127.0.0.1:8787.`,
    );
  }
  const below = new URL(url.origin);
  below.pathname = `${url.pathname.replace(/\/+$/u, '')}/${path}`;
  return below;
}
