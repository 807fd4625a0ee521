"""Batches for the coarse and fine models, in Bark's layouts, with random history of the same voice."""

import pickle
import random

import numpy as np
import torch

from paths import folder
from vocabulary import COARSE_INFER, COARSE_PAD, FRAME_RATE, RATIO, SEMANTIC_RATE, SEMANTIC_VOCABULARY

SLOTS, MOST_HISTORY, STRIDE = 256, 630, 60
MOST_SEMANTIC = int(MOST_HISTORY / RATIO)
ROUGH_SHARES, ROUGH_PITCH = (0.0, 0.2, 0.2, 0.5, 0.5, 1.0, 1.0), 0.3  # of the frames; less of codebook 1
UNKNOWN, CODEBOOKS, CONTEXT, MOST_FINE_HISTORY = 1024, 8, 1024, 512


def flattened(codes):
    """Coarse ids of codes [frames, 8]: codebooks 0 and 1 alternating, with their offsets."""
    return (codes[:, :2].astype(np.int64) + np.array([SEMANTIC_VOCABULARY, SEMANTIC_VOCABULARY + 1024])).reshape(-1)


def coarse_history(tokens, codes):
    """Semantic and coarse history as the coarse stage cuts a preset."""
    count = min(MOST_SEMANTIC, len(tokens) - len(tokens) % 2, int(2 * len(codes) / RATIO))
    coarse = round(count * RATIO)
    return tokens[-count:].astype(np.int64), flattened(codes)[-coarse:][:-2]


class AcousticData:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.loaded, self.rows, self.by_voice = set(), [], {}
        self.refresh()

    def refresh(self):
        for path in sorted(folder("codes").glob("shard*.pickle")):
            if path.name not in self.loaded:
                self.loaded.add(path.name)
                for voice, tokens, codes in pickle.load(open(path, "rb")):
                    if len(tokens) > 25:
                        self.by_voice.setdefault(voice, []).append(len(self.rows))
                        self.rows.append((voice, tokens, codes))

    def history(self, voice, most):
        """The end of another utterance of this voice: semantic tokens and codes of the same span."""
        _, tokens, codes = self.rows[self.rng.choice(self.by_voice[voice])]
        count = self.rng.randint(min(24, len(tokens)), min(len(tokens), most))
        first = self.rng.randint(0, len(tokens) - count)
        frame = int(first * FRAME_RATE / SEMANTIC_RATE)
        frames = int(count * FRAME_RATE / SEMANTIC_RATE)
        return tokens[first : first + count], codes[frame : frame + frames]

    def coarse_example(self):
        rng = self.rng
        voice, tokens, codes = self.rows[rng.randrange(len(self.rows))]
        tokens = tokens.astype(np.int64)
        flat = flattened(codes)
        total = min(len(flat), 2 * int(len(tokens) * RATIO / 2))
        past_tokens, past = np.zeros(0, np.int64), np.zeros(0, np.int64)
        if rng.random() < 0.85:
            past_tokens, past = coarse_history(*self.history(voice, rng.choice([60, 100, 180])))
        windows = (total + STRIDE - 1) // STRIDE
        done = STRIDE * (windows - 1 if rng.random() < 0.3 else rng.randrange(windows))
        at = len(past_tokens) + round(done / RATIO)
        first = max(0, at - MOST_SEMANTIC)
        slots = np.concatenate([past_tokens, tokens])[first : first + SLOTS]
        known = np.concatenate([past, flat[:done]])[-MOST_HISTORY:]
        new = flat[done : min(total, done + STRIDE)]
        place = np.concatenate([np.arange(len(past)) / RATIO, len(past_tokens) + np.arange(done + len(new)) / RATIO])
        place = np.floor(place).astype(np.int64)[-(len(known) + len(new)) :] - first
        return slots, np.concatenate([known, new]), np.where(place < len(slots), np.maximum(place, -1), -1)

    def roughened(self, coarse):
        """Coarse ids as the model hears them: runs of frames say what is spoken elsewhere, all of them at times.

        A model that always hears the truth learns to continue sounds, and its own errors then lead it away from
        the semantic tokens.
        """
        heard, share = coarse.copy(), self.rng.choice(ROUGH_SHARES)
        draw = np.random.default_rng(self.rng.getrandbits(32))
        low = coarse >= SEMANTIC_VOCABULARY + 1024
        for places, part in ((np.flatnonzero(~low), share), (np.flatnonzero(low), share * ROUGH_PITCH)):
            if part == 0 or len(places) < 16:
                continue
            runs = np.repeat(draw.random(len(places)), self.rng.choice([1, 2, 4, 8]))[: len(places)]
            elsewhere = np.roll(coarse[places], draw.integers(6, len(places) - 6))
            heard[places] = np.where(runs < part, elsewhere, coarse[places])
        return heard

    def coarse_batches(self, size, short):
        """Endless (slots, coarse inputs, coarse targets, slot being spoken); the input begins with the infer token."""
        while True:
            pool = sorted((self.coarse_example() for _ in range(size * 16)), key=lambda e: len(e[1]))
            groups = [pool[i : i + size] for i in range(0, len(pool), size)]
            self.rng.shuffle(groups)
            for group in groups:
                used = max(len(e[0]) for e in group)
                wide = min(SLOTS, used + self.rng.randint(1, 16)) if short() else SLOTS
                longest = max(len(e[1]) for e in group)
                slots = np.full((size, wide), COARSE_PAD)
                target = np.full((size, longest), -100)
                heard = np.full((size, longest + 1), COARSE_PAD)
                heard[:, 0] = COARSE_INFER
                hints = np.full((size, longest), -1)
                for row, (semantic, coarse, place) in enumerate(group):
                    slots[row, : len(semantic)] = semantic
                    target[row, : len(coarse)] = coarse
                    hints[row, : len(place)] = place
                    heard[row, 1 : len(coarse) + 1] = self.roughened(coarse)
                yield tuple(torch.from_numpy(a) for a in (slots, heard[:, :-1], target, hints))

    def fine_example(self, frames):
        """Codes [frames, 8] with all-unknown padding, and the number of known frames and used frames."""
        rng = self.rng
        voice = rng.choice(list(self.by_voice))
        codes = np.full((frames, CODEBOOKS), UNKNOWN, np.int64)
        known = 0
        if rng.random() < 0.85:
            past = self.history(voice, rng.choice([60, 120, 250]))[1][-min(MOST_FINE_HISTORY, frames // 2) :]
            known = len(past)
            codes[:known] = past
        used = known
        wanted = rng.choice([0.3, 0.5, 1.0]) * frames
        while used < max(wanted, known + 20):
            more = self.rows[rng.choice(self.by_voice[voice])][2]
            take = min(len(more), frames - used)
            codes[used : used + take] = more[:take]
            used += take
            if used >= frames:
                break
        return codes, known, used

    def fine_batch(self, size, frames, codebook):
        """(inputs, targets) to predict one codebook: history known, the rest hidden; padding has no target."""
        inputs = np.empty((size, frames, CODEBOOKS), np.int64)
        targets = np.full((size, frames), -100)
        for row in range(size):
            codes, known, used = self.fine_example(frames)
            targets[row, known:used] = codes[known:used, codebook]
            hidden = codes.copy()
            start = known if self.rng.random() < 0.9 else self.rng.randint(known, used)
            hidden[start:, codebook] = UNKNOWN
            targets[row, known:start] = -100
            # frames after the end: codebooks predicted earlier hold something there, as in inference
            if codebook > 2 and used < frames and self.rng.random() < 0.7:
                hidden[used:, 2:codebook] = codes[self.rng.randrange(used)][2:codebook]
            inputs[row] = hidden
        return torch.from_numpy(inputs), torch.from_numpy(targets)
