"""Step 1: lets the teacher speak the sentences and writes shards of 500 utterances, and the held-out sentences.

Usage: python make_corpus.py [--count 24000] [--processes 2]
"""

import argparse
import json
import multiprocessing
import os
import pickle
import random

from paths import folder
from teacher import VOICES, Teacher
from texts import all_sentences

SHARD = 500
LONGEST_SECONDS = 9.5


def speak_shard(job):
    path, texts, seed = job
    if os.path.exists(path):
        return path
    rng = random.Random(seed)
    teacher = speak_shard.teacher = getattr(speak_shard, "teacher", None) or Teacher()
    names = list(VOICES)
    spoken = []
    for text in texts:
        utterance = teacher.speak(text, rng.choice(names))
        if utterance is not None and 0.5 < utterance.ends[-1] < LONGEST_SECONDS:
            spoken.append(utterance)
    with open(path + ".part", "wb") as file:
        pickle.dump(spoken, file, protocol=5)
    os.rename(path + ".part", path)
    return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=24000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    train, test, exempt = all_sentences(options.count, options.seed)
    target = folder("corpus")
    with open(target / "held_out.json", "w") as file:
        json.dump({"sentences": test, "frequent_words": sorted(exempt)}, file)
    jobs = [
        (str(target / f"shard{i // SHARD:03d}.pickle"), train[i : i + SHARD], options.seed * 1000 + i)
        for i in range(0, len(train), SHARD)
    ]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for path in pool.imap(speak_shard, jobs):
            print(path, flush=True)


if __name__ == "__main__":
    main()
