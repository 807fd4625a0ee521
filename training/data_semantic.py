"""Batches for the semantic model, in Bark's layout: 256 merged slots of text and history, the infer token, tokens.

Padding slots beyond the text may be left out (`short=True`): nearly as good a lesson at half the cost. The last
part of training uses all 256, as inference does.
"""

import pickle
import random

import numpy as np
import torch

from paths import folder
from vocabulary import SEMANTIC_END, SEMANTIC_INFER, TEXT_OFFSET, TEXT_PAD, TEXT_SLOTS, text_ids

CUES = ["laughs", "laughter", "sighs", "music", "gasps", "clears throat", "whispers", "pause", "MAN", "WOMAN", "applause", "coughs", "singing"]


class SemanticData:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.loaded = set()
        self.rows, self.by_voice = [], {}
        self.refresh()

    def refresh(self):
        for path in sorted(folder("tokens").glob("shard*.pickle")):
            if path.name not in self.loaded:
                self.loaded.add(path.name)
                for row in pickle.load(open(path, "rb")):
                    self.by_voice.setdefault(row[1], []).append(len(self.rows))
                    self.rows.append(row)

    def written(self, text):
        """The text as someone might type it: (character, place in the teacher's text) pairs."""
        rng = self.rng
        pairs = [(c, i) for i, c in enumerate(text)]
        style = rng.random()
        if style < 0.12:
            pairs = [(c.lower(), i) for c, i in pairs]
        elif style < 0.15:
            pairs = [(c.upper(), i) for c, i in pairs]
        elif style < 0.22 and text[-1] in ".!?;:,":
            pairs = pairs[:-1]
        if rng.random() < 0.3:
            swap = {"'": rng.choice("'’"), '"': rng.choice('"“”')}
            pairs = [(swap.get(c, c), i) for c, i in pairs]
        if rng.random() < 0.06:
            cue = rng.choice(["[" + rng.choice(CUES) + "]", "♪", "…", "—", "[" + rng.choice(text.split()).strip("[]") + "]"])
            spaces = [0, len(pairs)] + [k for k, (c, _) in enumerate(pairs) if c == " "]
            at = rng.choice(spaces)
            pairs = pairs[:at] + [(c, -9) for c in f" {cue} "] + pairs[at:]
        return pairs

    def example(self, short):
        rng = self.rng
        text, voice, tokens, spoken = self.rows[rng.randrange(len(self.rows))]
        ids, sources = text_ids(self.written(text))
        ids, sources = ids[:TEXT_SLOTS], sources[:TEXT_SLOTS]
        history = np.zeros(0, np.int64)
        if rng.random() < 0.6:
            other = self.rows[rng.choice(self.by_voice[voice])][2]
            most = rng.choice([25, 50, 80]) if short else rng.choice([80, 256])
            history = other[-rng.randint(min(20, len(other)), min(len(other), most)) :].astype(np.int64)
        slot_of = {s: k for k, s in enumerate(sources) if s >= 0}
        hint = np.array([slot_of.get(int(s), -1) for s in spoken], np.int64)
        return np.array(ids), history, tokens.astype(np.int64), hint

    def batches(self, size, short):
        """Endless tuples (slots, history, tokens, targets, hints), of similar lengths within a batch."""
        while True:
            pool = sorted((self.example(short()) for _ in range(size * 24)), key=lambda e: len(e[2]))
            groups = [pool[i : i + size] for i in range(0, len(pool), size)]
            self.rng.shuffle(groups)
            for group in groups:
                yield self.collate(group, short())

    def collate(self, group, short):
        used = max(max(len(e[0]), len(e[1])) for e in group)
        slots = min(TEXT_SLOTS, used + self.rng.randint(1, 16)) if short else TEXT_SLOTS
        longest = max(len(e[2]) for e in group) + 1
        text = np.full((len(group), slots), TEXT_PAD)
        past = np.full((len(group), slots), SEMANTIC_END)
        heard = np.full((len(group), longest), SEMANTIC_END)
        hints = np.full((len(group), longest), -1)
        for row, (ids, history, tokens, hint) in enumerate(group):
            text[row, : len(ids)] = ids + TEXT_OFFSET
            past[row, : len(history)] = history
            heard[row, : len(tokens)] = tokens
            hints[row, : len(hint)] = hint
        targets = heard.copy()
        for row, (_, _, tokens, _) in enumerate(group):
            targets[row, len(tokens) + 1 :] = -100
        spoken = np.concatenate([np.full((len(group), 1), SEMANTIC_INFER), heard[:, :-1]], 1)
        return tuple(torch.from_numpy(a) for a in (text, past, spoken, targets, hints))
