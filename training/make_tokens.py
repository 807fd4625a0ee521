"""Step 2: semantic tokens of every utterance, and which character each token speaks (for the attention hint).

Usage: python make_tokens.py [--follow]   --follow waits for new shards until stopped
"""

import argparse
import os
import pickle
import time

import numpy as np

from paths import folder
from teacher import VOICES
from vocabulary import semantic_tokens

VOICE_INDEX = {name: i for i, name in enumerate(VOICES)}


def characters_spoken(utterance):
    """Per phone the character index it is most likely written with: linear within the word; -1 in pauses."""
    spans = utterance.spans
    out = np.full(len(spans), -1, np.int16)
    i = 0
    while i < len(spans):
        j = i
        while j < len(spans) and tuple(spans[j]) == tuple(spans[i]):
            j += 1
        first, last = int(spans[i][0]), int(spans[i][1])
        if first >= 0:
            for k in range(i, j):
                out[k] = first + int((k - i + 0.5) / (j - i) * (last - first))
        i = j
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--follow", action="store_true")
    options = parser.parse_args()
    source, target = folder("corpus"), folder("tokens")
    while True:
        for path in sorted(source.glob("shard*.pickle")):
            done = target / path.name
            if done.exists():
                continue
            rows = []
            for u in pickle.load(open(path, "rb")):
                tokens, phone = semantic_tokens(u)
                rows.append((u.text, VOICE_INDEX[u.voice], tokens.astype(np.int16), characters_spoken(u)[phone]))
            with open(f"{done}.part", "wb") as file:
                pickle.dump(rows, file, protocol=5)
            os.rename(f"{done}.part", done)
        if not options.follow:
            return
        time.sleep(20)


if __name__ == "__main__":
    main()
