/** Staged files as the Worker's static assets. */
import type { StreamedFiles } from './staged-files.ts';

/** Any name does: the binding looks at the path only. */
const ASSETS_ORIGIN = 'https://assets.invalid';

export function assetFiles(assets: Pick<Fetcher, 'fetch'>): StreamedFiles {
  const find = async (path: string): Promise<Response | null> => {
    const response = await assets.fetch(new URL(path, ASSETS_ORIGIN).href);
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`the assets binding answered ${response.status}`);
    return response;
  };
  return {
    async read(path) {
      const response = await find(path);
      return response === null ? null : new Uint8Array(await response.arrayBuffer());
    },
    async open(path) {
      return (await find(path))?.body ?? null;
    },
  };
}
