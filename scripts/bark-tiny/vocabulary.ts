/** The vocabulary of the tiny model: enough to spell Latin and Cyrillic, with frequent English pieces. */

/** 94 printable ASCII characters, letters with accents, Cyrillic, punctuation and frequent English pieces. */
export function vocabulary(): string[] {
  const ascii = range(0x21, 0x7e);
  const letters = [
    ...range(0xc0, 0xff).filter((letter) => letter !== '\u00d7' && letter !== '\u00f7'),
    ...Array.from('ĄąĆćČčĎďĘęĚěĞğİıŁłŃńŇňŐőŒœŘřŚśŞşŠšŤťŮůŰűŹźŻżŽž'),
    ...range(0x410, 0x44f),
    'Ё',
    'ё',
  ];
  const marks = Array.from('¡¿«»“”„‘’–—…·•°€£♪');
  const pieces = `the of and to in is it you that he was for on are with as his they at be this from have or by one had not but
    what all were when we there can an your which their said if do will each about how up out them then she many some so
    these would other into has more her two like him see time could no make than first been its who now people my made over
    did down only way find use may water long little very after words called just where most know get through back much
    before go good new write our used me man too any day same right look think also around another came come work three
    word must because does part even place well such here take why things help put years different away again off went
    old number great tell men say small every found still between name should home big give air line set own under read
    last never us left end along while might next sound below saw something thought both few those always looked show
    large often together asked house world going want hello Hello The This It voice speech music laughs sighs dog cat`;
  const endings =
    's ed ing er ly est ion tion al en es ness ment able ful less ity ous ive ight ound ough ould ch sh th ck ll ss';
  const words = pieces.split(/\s+/);
  const joined = [...ascii, ...letters, ...endings.split(' ')].map((piece) => `##${piece}`);
  return Array.from(
    new Set([
      '[PAD]',
      '[UNK]',
      '[CLS]',
      '[SEP]',
      '[MASK]',
      ...ascii,
      ...letters,
      ...marks,
      ...words,
      ...joined,
    ]),
  );
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));
}
