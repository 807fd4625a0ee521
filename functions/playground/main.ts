/** The playground: type, listen, look. */
import { Codecs } from './codec.ts';
import { Edge, type ComingSpeech } from './edge.ts';
import { ApiFault, inWords } from './faults.ts';
import { History, type Take } from './history.ts';
import { showHistory } from './history-list.ts';
import { Listening, type Received } from './listening.ts';
import { MAX_CHARACTERS, OrderForm } from './order-form.ts';
import { byId, make, whileSeen } from './page.ts';
import { Pictures } from './pictures.ts';
import { complaint } from './speech-order.ts';
import { StageView } from './stage-view.ts';
import { WaterfallTable } from './waterfall-table.ts';

/** What is listened to: how it is asked for, and what the history says of it. */
interface Wanted {
  readonly ask: (signal: AbortSignal) => Promise<ComingSpeech>;
  readonly take: Pick<Take, 'text' | 'voice' | 'format' | 'latency' | 'speed'>;
  readonly isReplay: boolean;
}

/** How often pictures and table are drawn anew: smooth to the eye, cheap to a telephone. */
const PICTURE_MS = 30;
const STAGES_MS = 200;

const KEY_NAME = 'bark-edge key';

const key = byId('key', HTMLInputElement);
const speakButton = byId('speak', HTMLButtonElement);
const stopButton = byId('stop', HTMLButtonElement);
const pauseButton = byId('pause', HTMLButtonElement);
const againButton = byId('again', HTMLButtonElement);
const download = byId('download', HTMLAnchorElement);

const edge = new Edge(() => key.value.trim());
const codecs = new Codecs((sha256) => edge.decoder(sha256));
const history = new History(localStorage);
const form = new OrderForm(() => key.value.trim() !== '');
const pictures = new Pictures(
  byId('waveform', HTMLCanvasElement),
  byId('spectrogram', HTMLCanvasElement),
);
const stages = new StageView(new WaterfallTable(byId('waterfall', HTMLTableElement)), edge);

let current: { readonly ending: AbortController; readonly listening: Listening } | null = null;
let latest: Take | null = history.takes[0] ?? null;

function tell(words: string): void {
  byId('status', HTMLParagraphElement).textContent = words;
}

function complain(words: string | null): void {
  const alert = byId('alert', HTMLParagraphElement);
  alert.hidden = words === null;
  alert.textContent = words ?? '';
}

function fail(error: unknown): void {
  complain(inWords(error));
  if (error instanceof ApiFault && error.code === 'unauthorized') {
    byId('key-box', HTMLDetailsElement).open = true;
    key.focus();
  }
}

async function listen({ ask, take, isReplay }: Wanted): Promise<void> {
  await stop();
  const ending = new AbortController();
  const listening = new Listening();
  const mine = { ending, listening };
  current = mine;
  const beganMs = performance.now();
  begin(take.text);
  try {
    tell(isReplay ? 'Fetching the take.' : 'Asking for speech.');
    const coming = await ask(ending.signal);
    const received = new AbortController();
    const soFar = AbortSignal.any([ending.signal, received.signal]);
    // what is kept costs nothing, sentence by sentence
    const isMade = !isReplay && coming.cache !== 'HIT';
    if (isMade) void stages.follow(coming.requestId, soFar);
    watch(listening, ending.signal, soFar);
    const whole = await listening
      .receive(coming, take.format, {
        onSound: () => soundBegan(listening, performance.now() - beganMs),
        openCodec: async (layout) => {
          const { model, device } = await codecs.open(layout);
          if (current === mine) showFact('decoder', device);
          return model;
        },
        signal: ending.signal,
      })
      .finally(() => received.abort());
    finish(take, coming, whole, listening);
    await stages.end(whole.facts, isMade ? coming.requestId : null);
    tell(`${tellSound(listening)} Playing to its end.`);
    await listening.heard();
    if (current === mine) tell(`${tellSound(listening)} Heard to its end.`);
  } catch (error) {
    if (ending.signal.aborted) return;
    fail(error);
    tell('It did not come to its end.');
    await listening.heard();
  } finally {
    if (current === mine) {
      draw(listening);
      ending.abort();
      current = null;
      settle();
      await listening.stop();
    }
  }
}

function begin(text: string): void {
  complain(null);
  pictures.show(null);
  pictures.describe(`of "${text.slice(0, 80)}", about to begin`);
  stages.begin();
  byId('facts', HTMLDListElement).replaceChildren();
  download.hidden = true;
  speakButton.textContent = 'Speak anew';
  stopButton.disabled = false;
}

/** Keeps pictures and stages up to date: the stages until all has come, the pictures until all is heard. */
function watch(listening: Listening, untilHeard: AbortSignal, untilReceived: AbortSignal): void {
  whileSeen(() => draw(listening), PICTURE_MS, untilHeard);
  whileSeen(() => stages.draw(listening.sound?.player.duration ?? 0), STAGES_MS, untilReceived);
}

function draw(listening: Listening): void {
  pictures.draw(listening.sound?.player.heard ?? 0);
}

function soundBegan({ sound }: Listening, ms: number): void {
  if (sound === null) return;
  pictures.show(sound.picture);
  pauseButton.disabled = false;
  tell(`Speaking. The first sound came after ${(ms / 1_000).toFixed(2)} s.`);
  showFact('first sound', `${Math.round(ms)} ms`);
}

function finish(
  take: Wanted['take'],
  coming: ComingSpeech,
  { file }: Received,
  { sound }: Listening,
): void {
  const seconds = sound?.player.duration ?? 0;
  latest = { ...take, id: coming.take, seed: coming.seed, seconds, atMs: Date.now() };
  history.add(latest);
  showHistory(history, replay);
  againButton.disabled = false;
  pictures.describe(`${seconds.toFixed(1)} seconds of "${take.text.slice(0, 80)}"`);
  byId('band', HTMLSpanElement).textContent = `0 to ${(sound?.picture.rate ?? 0) / 2_000} kHz`;
  URL.revokeObjectURL(download.href);
  download.href = URL.createObjectURL(file);
  download.download = `bark-${coming.take.slice(0, 12)}.${take.format}`;
  download.hidden = false;
  showFact('sound', `${seconds.toFixed(2)} s`);
  showFact('size', `${Math.ceil(file.size / 1_000)} kB`);
  showFact('cache', coming.cache);
  showFact('seed', coming.seed);
  if ((sound?.player.gaps ?? 0) > 0) showFact('gaps', String(sound?.player.gaps));
}

function showFact(name: string, value: string): void {
  const entry = make('div');
  entry.append(make('dt', name), make('dd', value));
  byId('facts', HTMLDListElement).append(entry);
}

function tellSound({ sound }: Listening): string {
  return `${(sound?.player.duration ?? 0).toFixed(1)} s of sound.`;
}

async function stop(): Promise<void> {
  if (current === null) return;
  const { ending, listening } = current;
  current = null;
  ending.abort();
  await listening.stop();
  settle();
  tell('Stopped.');
}

function settle(): void {
  speakButton.textContent = 'Speak';
  stopButton.disabled = true;
  pauseButton.disabled = true;
  pauseButton.textContent = 'Pause';
}

function speak(): void {
  const { order } = form;
  const wrong = complaint(order, MAX_CHARACTERS);
  complain(wrong);
  if (wrong !== null) return;
  void listen({
    ask: (signal) => edge.speak(order, signal),
    isReplay: false,
    take: {
      text: order.input,
      voice: order.voice ?? 'default voice',
      format: order.response_format,
      latency: order.latency,
      speed: order.speed ?? 1,
    },
  });
}

function replay(take: Take): void {
  void listen({
    ask: (signal) => edge.replay(take.id, take.format, take.speed, signal),
    isReplay: true,
    take,
  });
}

async function togglePause(): Promise<void> {
  const player = current?.listening.sound?.player;
  if (player === undefined) return;
  await (player.isPaused ? player.resume() : player.pause());
  pauseButton.textContent = player.isPaused ? 'Resume' : 'Pause';
  tell(player.isPaused ? 'Paused.' : 'Playing on.');
}

async function copyCall(): Promise<void> {
  const button = byId('copy', HTMLButtonElement);
  try {
    await navigator.clipboard.writeText(form.snippet);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Mark it and copy';
    getSelection()?.selectAllChildren(byId('snippet', HTMLElement));
  }
  setTimeout(() => (button.textContent = 'Copy'), 2_000);
}

/** Longest wait for what the page begins with is that of any answer; without it the form still works. */
async function loadChoices(): Promise<void> {
  try {
    const { voices, standard } = await edge.voices();
    form.showVoices(voices, standard);
    const badge = byId('model', HTMLParagraphElement);
    badge.textContent = await edge.model();
    badge.hidden = badge.textContent === '';
    complain(null);
  } catch (error) {
    fail(error);
  }
}

byId('form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  speak();
});
stopButton.addEventListener('click', () => void stop());
pauseButton.addEventListener('click', () => void togglePause());
againButton.addEventListener('click', () => {
  if (latest !== null) replay(latest);
});
byId('copy', HTMLButtonElement).addEventListener('click', () => void copyCall());
byId('clear', HTMLButtonElement).addEventListener('click', () => {
  history.clear();
  latest = null;
  againButton.disabled = true;
  showHistory(history, replay);
});
addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    speak();
  }
  if (event.key === 'Escape') void stop();
});
key.value = sessionStorage.getItem(KEY_NAME) ?? '';
key.addEventListener('change', () => {
  sessionStorage.setItem(KEY_NAME, key.value.trim());
  form.refresh();
  void loadChoices();
});
addEventListener('resize', () => pictures.draw());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => pictures.draw());

showHistory(history, replay);
againButton.disabled = latest === null;
pictures.draw();
void loadChoices();
if (latest !== null) void stages.learn(latest.id);
