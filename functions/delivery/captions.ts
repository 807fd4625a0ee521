/** What is heard when, as WebVTT and SubRip, one cue a sentence, in the words of the text as it was given. */

export interface Cue {
  readonly text: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export const CAPTION_MEDIA_TYPES = {
  vtt: 'text/vtt; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
} as const;

export type CaptionName = keyof typeof CAPTION_MEDIA_TYPES;

/** https://www.w3.org/TR/webvtt1/ section 4. */
export function webVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ text, fromSeconds, toSeconds }) =>
      `${clock(fromSeconds, '.')} --> ${clock(toSeconds, '.')}\n${escaped(oneLine(text))}\n`,
  );
  return ['WEBVTT\n', ...blocks].join('\n');
}

export function subRip(cues: readonly Cue[]): string {
  return cues
    .map(
      ({ text, fromSeconds, toSeconds }, i) =>
        `${i + 1}\n${clock(fromSeconds, ',')} --> ${clock(toSeconds, ',')}\n${oneLine(text)}\n`,
    )
    .join('\n');
}

/** An empty line would end a cue. */
function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

function clock(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1_000);
  const rest = String(ms % 1_000).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}${point}${rest}`;
}
