import { describe, expect, test } from 'vitest';
import { interpretInstructions } from './instructions.ts';

describe('a wish in words', () => {
  test.each([
    ['Laugh warmly.', ['cue=[laughs]']],
    ['Speak with giggles, and be lively!', ['cue=[laughs]', 'temperature=0.9']],
    ['Sighing, in a CALM voice', ['cue=[sighs]', 'temperature=0.5']],
    ['Gasp first.', ['cue=[gasps]']],
    ['Clear your throat before you begin.', ['cue=[clears throat]']],
    ['Sing it like a song.', ['sung']],
    ['Speak steadily, without laughing.', ['temperature=0.5']],
    ["Please don't sing. Be dramatic.", ['temperature=0.9']],
    ['Never laugh; sigh.', ['cue=[sighs]']],
    ['Whisper with a French accent.', []],
    ['A single, usual flatfish… Lachen!', []],
    ['', []],
  ])('%j is understood as %j', (instructions, understood) => {
    expect(interpretInstructions(instructions).understood).toEqual(understood);
  });

  test('of any length takes no time to speak of', () => {
    expect(interpretInstructions('not '.repeat(20_000)).understood).toEqual([]);
  });
});
