/** The stages as a table with bars: numbers for those who read, lengths for those who look. */
import { make } from './page.ts';
import { STAGES, type Stage, type StageRow, type Waterfall } from './stages.ts';

interface Cells {
  readonly track: HTMLElement;
  readonly ms: HTMLElement;
  readonly steps: HTMLElement;
}

export class WaterfallTable {
  readonly #rows = new Map<Stage, Cells>();

  constructor(table: HTMLTableElement) {
    const body = table.tBodies[0] ?? table.createTBody();
    for (const stage of STAGES) {
      const row = body.insertRow();
      row.dataset['stage'] = stage;
      const head = make('th', stage);
      head.scope = 'row';
      const track = make('div');
      track.className = 'track';
      const bars = make('td');
      bars.className = 'bars';
      bars.append(track);
      const cells = { track, ms: make('td', '–'), steps: make('td', '–') };
      row.append(head, bars, cells.ms, cells.steps);
      this.#rows.set(stage, cells);
    }
  }

  show({ rows, totalMs }: Waterfall): void {
    for (const row of rows) this.#showRow(row, totalMs);
  }

  #showRow({ stage, bars, ms, steps }: StageRow, totalMs: number): void {
    const cells = this.#rows.get(stage);
    if (cells === undefined) return;
    cells.ms.textContent = ms === null ? '–' : ms.toFixed(ms < 10 ? 1 : 0);
    cells.steps.textContent = steps === null ? '–' : String(steps);
    while (cells.track.children.length > bars.length) cells.track.lastElementChild?.remove();
    while (cells.track.children.length < bars.length) cells.track.append(make('div'));
    bars.forEach(({ from, ms: length, isEstimate }, i) => {
      const bar = cells.track.children[i];
      if (!(bar instanceof HTMLElement)) return;
      bar.className = isEstimate ? 'bar estimated' : 'bar';
      bar.style.left = `${(100 * from) / totalMs}%`;
      bar.style.width = `${(100 * length) / totalMs}%`;
    });
  }
}
