"""Text pieces and semantic classes: what the ids of the semantic model mean.

Text pieces are single characters, so that every letter keeps its own slot and unseen words can be spelled out; a
piece that continues a word carries WordPiece's ## prefix. A semantic class is a third of a phone (begin, middle,
end), with lexical stress for vowels: independent of the voice, and long enough to tell how long the phone lasts.
"""

import numpy as np

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ACCENTED = {"àáâãäå": "a", "ç": "c", "èéêë": "e", "ìíîï": "i", "ñ": "n", "òóôõöø": "o", "ùúûü": "u", "ýÿ": "y", "ß": "s", "æ": "a", "œ": "o"}
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + ["‘", "’", "“", "”", "–", "—", "…", "♪", "€", "£", "°", "«", "»", "¿", "¡"]
SAME_SOUND = {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "."}


def _pieces():
    """Rows of (piece, base character, upper case?, continuation?)."""
    rows = [(name, name, False, False) for name in SPECIAL]
    rows += [(mark, SAME_SOUND.get(mark, mark), False, False) for mark in PUNCTUATION]
    plain = [(c, c) for c in LETTERS + "0123456789"] + [(c, base) for group, base in ACCENTED.items() for c in group]
    for prefix in ("", "##"):
        rows += [(prefix + c, base, False, prefix != "") for c, base in plain]
        rows += [(prefix + c.upper(), base, True, prefix != "") for c, base in plain if len(c.upper()) == 1 and c.upper() != c]
    return rows


PIECES = _pieces()
PIECE_ID = {row[0]: i for i, row in enumerate(PIECES)}
UNKNOWN = PIECE_ID["[UNK]"]

VOWELS = "aa ae ah ao aw ax ay eh er ey ih iy ow oy uh uw".split()
CONSONANTS = "b ch d dh f g hh jh k l m n ng p r s sh t th v w y z zh".split()
THIRDS = 3
SOUNDS = ["pau"] + CONSONANTS + VOWELS + [vowel + "1" for vowel in VOWELS]
SOUND_ID = {name: i for i, name in enumerate(SOUNDS)}
SEMANTIC_VOCABULARY = THIRDS * len(SOUNDS)

SEMANTIC_RATE, FRAME_RATE = 49.9, 75
RATIO = (FRAME_RATE / SEMANTIC_RATE) * 2
TEXT_SLOTS = 256

SEMANTIC_END = SEMANTIC_VOCABULARY
TEXT_OFFSET = SEMANTIC_VOCABULARY + 16
TEXT_PAD = TEXT_OFFSET + len(PIECES) + 1
SEMANTIC_INFER = TEXT_PAD + 4
SEMANTIC_INPUTS = SEMANTIC_INFER + 1
SEMANTIC_OUTPUTS = SEMANTIC_VOCABULARY + 8

COARSE_PAD = SEMANTIC_VOCABULARY + 2048
COARSE_INFER = COARSE_PAD + 2
COARSE_TOKENS = COARSE_PAD + 16


def is_mark(c):
    return not c.isalnum()


def text_ids(characters):
    """Piece ids of a list of (character or space, source index); also the source index of each piece."""
    ids, sources = [], []
    inside = False
    for c, source in characters:
        if c.isspace():
            inside = False
            continue
        mark = is_mark(c)
        piece = c if mark or not inside else "##" + c
        ids.append(PIECE_ID.get(piece, UNKNOWN))
        sources.append(source)
        inside = not mark
    return ids, sources


def semantic_tokens(utterance):
    """Class per 1/49.9 s, and the index of the phone spoken there."""
    ends = np.asarray(utterance.ends, np.float64)
    starts = np.concatenate([[0.0], ends[:-1]])
    count = int(np.floor(ends[-1] * SEMANTIC_RATE))
    times = (np.arange(count) + 0.5) / SEMANTIC_RATE
    index = np.minimum(np.searchsorted(ends, times, side="right"), len(ends) - 1)
    place = np.clip(((times - starts[index]) / np.maximum(ends[index] - starts[index], 1e-4) * THIRDS).astype(int), 0, THIRDS - 1)
    sound = np.array([SOUND_ID[p + "1" if p in VOWELS and s else p] for p, s in zip(utterance.phones, utterance.stress)])
    return (sound[index] * THIRDS + place).astype(np.int64), index
