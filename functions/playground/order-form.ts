/** The form: what there is to choose from, what was chosen, and how the call looks elsewhere. */
import { DEFAULT_FORMAT, FORMAT_NAMES } from '#shared/audio/formats.ts';
import type { Voice } from './edge.ts';
import { byId, make } from './page.ts';
import { SNIPPETS, type Language } from './snippets.ts';
import { countCharacters, readOrder, type SpeechOrder } from './speech-order.ts';

const LANGUAGES: readonly Language[] = ['curl', 'JavaScript', 'Python'];

/** Longest text of one request, in code points. */
export const MAX_CHARACTERS = 4_096;

/** Non-speech sounds that Bark was taught (suno-ai/bark, README), and notes around what is sung. */
const CUES = ['[laughs]', '[sighs]', '[gasps]', '[music]', '[clears throat]', '—', '♪'];

export class OrderForm {
  readonly #form = byId('form', HTMLFormElement);
  readonly #input = byId('input', HTMLTextAreaElement);
  readonly #needsKey: () => boolean;
  #language: Language = 'curl';

  /** `needsKey`: whether the call that is shown is to send one. */
  constructor(needsKey: () => boolean) {
    this.#needsKey = needsKey;
    byId('format', HTMLSelectElement).append(
      ...FORMAT_NAMES.map((name) => new Option(name, name, name === DEFAULT_FORMAT)),
    );
    byId('cues', HTMLDivElement).append(...CUES.map((cue) => this.#cueButton(cue)));
    byId('languages', HTMLFieldSetElement).append(
      ...LANGUAGES.map((language) => this.#languageChoice(language)),
    );
    this.#form.addEventListener('input', () => this.refresh());
    this.refresh();
  }

  get order(): SpeechOrder {
    const data = new FormData(this.#form);
    return readOrder((name) => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    });
  }

  /** The call as it is shown. */
  get snippet(): string {
    return SNIPPETS[this.#language](this.order, location.origin, this.#needsKey());
  }

  /** Shows what follows from what is typed. */
  refresh(): void {
    const characters = countCharacters(this.#input.value);
    const count = byId('count', HTMLOutputElement);
    count.textContent = `${characters} / ${MAX_CHARACTERS}`;
    count.classList.toggle('over', characters > MAX_CHARACTERS);
    const slider = byId('speed', HTMLInputElement);
    // codes are decoded as they are
    slider.disabled = byId('format', HTMLSelectElement).value === 'codes';
    byId('speed-value', HTMLOutputElement).textContent = slider.disabled
      ? '1×'
      : `${slider.value}×`;
    byId('snippet', HTMLElement).textContent = this.snippet;
  }

  showVoices(voices: readonly Voice[], standard: string): void {
    const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });
    const groups = Map.groupBy(voices, ({ language }) => language);
    const select = byId('voice', HTMLSelectElement);
    const chosen = select.value;
    const options = [...groups].map(([language, members]) => {
      const group = make('optgroup');
      group.label = language === '' ? 'any language' : (names.of(language) ?? language);
      group.append(...members.map(({ id, name }) => new Option(`${name} (${id})`, id)));
      return group;
    });
    const usual = standard === '' ? 'default' : `default (${standard})`;
    select.replaceChildren(new Option(usual, ''), ...options);
    select.value = chosen;
  }

  #cueButton(cue: string): HTMLButtonElement {
    const button = make('button', cue);
    button.type = 'button';
    button.addEventListener('click', () => {
      const { selectionStart, selectionEnd } = this.#input;
      this.#input.setRangeText(cue, selectionStart, selectionEnd, 'end');
      this.#input.focus();
      this.refresh();
    });
    return button;
  }

  #languageChoice(language: Language): HTMLLabelElement {
    const label = make('label');
    const radio = make('input');
    radio.type = 'radio';
    radio.name = 'language';
    radio.checked = language === this.#language;
    radio.addEventListener('change', () => {
      this.#language = language;
      this.refresh();
    });
    label.append(radio, language);
    return label;
  }
}
