/** Names that every file system can store beside one another: what is pulled may travel. */
import { HubError, shown } from './hub-error.ts';

/** Devices, whatever their ending, and characters and ends that Windows has no names with. */
const NOT_ON_WINDOWS = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[<>:"|?*\\]|[. ]$/iu;

/** Throws HubError, naming `what` and the path, unless all can lie in one folder on any system. */
export function assertPortable(paths: readonly string[], what: string): void {
  const files = new Map<string, string>();
  for (const path of paths) {
    if (path.split('/').some((part) => NOT_ON_WINDOWS.test(part))) {
      refuse(what, `${shown(path)}, which some systems can not store`);
    }
    // as file systems compare that know neither case nor composition
    const key = path.normalize('NFC').toLowerCase();
    const other = files.get(key);
    if (other !== undefined) {
      refuse(what, `${shown(other)} and ${shown(path)}, which some systems can not tell apart`);
    }
    files.set(key, path);
  }
  for (const [key, path] of files) {
    for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) {
      if (files.has(key.slice(0, at))) refuse(what, `${shown(path)} below what is itself a file`);
    }
  }
}

function refuse(what: string, fault: string): never {
  throw new HubError(
    `The listing of ${what} names ${fault}; nothing was downloaded. Take another repository, or --revision.`,
  );
}
