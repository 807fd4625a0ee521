/** Draws a sound that grows: its outline and its spectrogram, over the same time, with what has been heard. */
import { BANDS, COLUMNS_PER_SECOND, type SoundPicture } from './sound-picture.ts';

/** Seconds that the pictures show at least, so that the first sound does not fill them. */
const LEAST_SECONDS = 2;

export class Pictures {
  readonly #waveform: HTMLCanvasElement;
  readonly #spectrogram: HTMLCanvasElement;
  /** The spectrogram in its own pixels: a column a step of time, a row a band. */
  #strip = new OffscreenCanvas(1, BANDS);
  #drawnColumns = 0;
  #picture: SoundPicture | null = null;
  #heard = 0;
  readonly #colours = colourTable();

  constructor(waveform: HTMLCanvasElement, spectrogram: HTMLCanvasElement) {
    this.#waveform = waveform;
    this.#spectrogram = spectrogram;
  }

  /** Begins anew with a sound that has nothing yet; null clears. */
  show(picture: SoundPicture | null): void {
    this.#picture = picture;
    this.#strip = new OffscreenCanvas(16 * COLUMNS_PER_SECOND, BANDS);
    this.#drawnColumns = 0;
    this.draw(0);
  }

  /** `heard`: seconds that have been played; those of before when left out. */
  draw(heard = this.#heard): void {
    this.#heard = heard;
    const seconds = Math.max(LEAST_SECONDS, this.#picture?.duration ?? 0);
    this.#drawWaveform(seconds, heard);
    this.#drawSpectrogram(seconds, heard);
  }

  /** Says in words what there is to see. */
  describe(words: string): void {
    this.#waveform.setAttribute('aria-label', `Waveform: ${words}`);
    this.#spectrogram.setAttribute('aria-label', `Spectrogram: ${words}`);
  }

  #drawWaveform(seconds: number, heard: number): void {
    const { context, width, height } = fitted(this.#waveform);
    const style = getComputedStyle(this.#waveform);
    const outline = this.#picture?.outline ?? [];
    const perPixel = (seconds * COLUMNS_PER_SECOND) / width;
    const heardUntil = (heard * width) / seconds;
    const middle = height / 2;
    context.fillStyle = style.getPropertyValue('--line');
    context.fillRect(0, middle, width, 1);
    const shapes = { heard: new Path2D(), coming: new Path2D() };
    for (let x = 0; x < width; x += 1) {
      const from = 2 * Math.floor(x * perPixel);
      const to = Math.max(from + 2, 2 * Math.floor((x + 1) * perPixel));
      if (from >= outline.length) break;
      let low = 0;
      let high = 0;
      for (let at = from; at < to && at < outline.length; at += 2) {
        low = Math.min(low, outline[at] ?? 0);
        high = Math.max(high, outline[at + 1] ?? 0);
      }
      const shape = x < heardUntil ? shapes.heard : shapes.coming;
      shape.rect(x, middle * (1 - high), 1, Math.max(1, middle * (high - low)));
    }
    context.fillStyle = style.getPropertyValue('--accent');
    context.fill(shapes.heard);
    context.fillStyle = style.getPropertyValue('--soft');
    context.fill(shapes.coming);
    drawHead(context, heardUntil, height, style.getPropertyValue('--ink'));
  }

  #drawSpectrogram(seconds: number, heard: number): void {
    this.#growStrip();
    const { context, width, height } = fitted(this.#spectrogram);
    context.imageSmoothingQuality = 'high';
    const columns = Math.max(1, this.#drawnColumns);
    const until = (columns * width) / (seconds * COLUMNS_PER_SECOND);
    if (this.#drawnColumns > 0) {
      context.drawImage(this.#strip, 0, 0, columns, BANDS, 0, 0, until, height);
    }
    drawHead(context, (heard * width) / seconds, height, '#fff');
  }

  /** Paints the columns that are new. */
  #growStrip(): void {
    const columns = this.#picture?.columns ?? [];
    if (columns.length > this.#strip.width) {
      const wider = new OffscreenCanvas(2 * columns.length, BANDS);
      wider.getContext('2d')?.drawImage(this.#strip, 0, 0);
      this.#strip = wider;
    }
    const fresh = columns.slice(this.#drawnColumns);
    if (fresh.length === 0) return;
    const image = new ImageData(fresh.length, BANDS);
    fresh.forEach((column, x) => {
      column.forEach((loudness, band) => {
        const at = 4 * ((BANDS - 1 - band) * fresh.length + x);
        image.data.set(this.#colours.subarray(4 * loudness, 4 * loudness + 4), at);
      });
    });
    this.#strip.getContext('2d')?.putImageData(image, this.#drawnColumns, 0);
    this.#drawnColumns = columns.length;
  }
}

/** The context of a canvas in the pixels of the screen, empty. */
function fitted(canvas: HTMLCanvasElement): {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
} {
  const width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  const height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) throw new TypeError('This browser draws no pictures.');
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function drawHead(
  context: CanvasRenderingContext2D,
  x: number,
  height: number,
  colour: string,
): void {
  if (x <= 0) return;
  context.fillStyle = colour;
  context.fillRect(Math.round(x) - 1, 0, 2, height);
}

/** 256 colours from silent to loud, as RGBA: even steps of lightness, told apart without colour too. */
function colourTable(): Uint8ClampedArray {
  const context = new OffscreenCanvas(256, 1).getContext('2d');
  if (context === null) throw new TypeError('This browser draws no pictures.');
  const gradient = context.createLinearGradient(0, 0, 256, 0);
  ['#0b0710', '#2b1246', '#6d1d6b', '#b2355f', '#e8693f', '#fbb454', '#fff6d8'].forEach(
    (colour, i, all) => gradient.addColorStop(i / (all.length - 1), colour),
  );
  context.fillStyle = gradient;
  context.fillRect(0, 0, 256, 1);
  return context.getImageData(0, 0, 256, 1).data;
}
