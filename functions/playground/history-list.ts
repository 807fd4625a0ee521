/** The takes as a list, each with a button that plays it again. */
import type { History, Take } from './history.ts';
import { byId, make } from './page.ts';

/** `onPlay`: which take is wanted again. */
export function showHistory(history: History, onPlay: (take: Take) => void): void {
  const items = history.takes.map((take) => {
    const item = make('li');
    const seconds = `${take.seconds.toFixed(1)} s`;
    const about = [
      seconds,
      take.voice,
      take.format,
      take.latency,
      `seed ${take.seed}`,
      new Date(take.atMs).toLocaleTimeString(),
    ];
    const play = make('button', 'Play');
    play.type = 'button';
    play.setAttribute('aria-label', `Play "${take.text.slice(0, 60)}" again, ${seconds}`);
    play.addEventListener('click', () => onPlay(take));
    item.append(make('q', take.text), make('small', about.join(' · ')), play);
    return item;
  });
  byId('history', HTMLOListElement).replaceChildren(...items);
  byId('history-empty', HTMLParagraphElement).hidden = items.length > 0;
  byId('clear', HTMLButtonElement).disabled = items.length === 0;
}
