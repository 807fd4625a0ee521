/** The elements of the page, each by its id and of the kind that the code needs. */

type Kind<Node> = { new (): Node; readonly name: string };

/** Throws where the page has no such element: page and script are made together. */
export function byId<Node extends HTMLElement>(id: string, kind: Kind<Node>): Node {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`The page has no ${kind.name} #${id}.`);
}

/** A new element with its text; text stays text. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/** Longer than a glance takes: how often pictures move for those who want little motion. */
const CALM_MS = 1_000;

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** Calls every `ms`, or once a second where little motion is wanted, until the signal; not while nobody can see it. */
export function whileSeen(draw: () => void, ms: number, signal: AbortSignal): void {
  const next = (): void => {
    if (signal.aborted) return;
    draw();
    setTimeout(() => requestAnimationFrame(next), calm.matches ? CALM_MS : ms);
  };
  next();
}
