"""Speaks with transformers on order, for the benchmark's `--peer`.

    python bench/peer/transformers_bark.py <checkpoint> <threads>

Prints its versions as a JSON string, then answers each line {"dtype": "fp32" | "bf16", "tokens": N} of its
input with a JSON object: milliseconds in all and per stage, seconds of audio, megabytes resident. The text is
20 ids, the voice the checkpoint's first; the sentence has exactly N semantic tokens.
"""

import contextlib
import json
import os
import sys
import time

import numpy as np
import torch
import transformers
from transformers import BarkModel

TEXT_SLOTS = 256
STAGES = ("semantic", "coarse_acoustics", "fine_acoustics")
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def main():
    folder, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    models = {name: BarkModel.from_pretrained(folder, dtype=dtype).eval() for name, dtype in DTYPES.items()}
    voice = first_voice(folder)
    say(f"transformers {transformers.__version__}, torch {torch.__version__}")
    for line in sys.stdin:
        order = json.loads(line)
        say(speak(models[order["dtype"]], voice, order["tokens"]))


def speak(model, voice, tokens):
    ids = torch.zeros((1, TEXT_SLOTS), dtype=torch.int64)
    mask = torch.zeros_like(ids)
    ids[0, :20] = torch.arange(20) + 60
    mask[0, :20] = 1
    spent = {}
    torch.manual_seed(7)
    with contextlib.ExitStack() as stack:
        for stage in STAGES:
            stack.enter_context(timed(getattr(model, stage), "generate", spent, stage))
        stack.enter_context(timed(model, "codec_decode", spent, "codec"))
        start = time.perf_counter()
        audio = model.generate(
            ids,
            attention_mask=mask,
            history_prompt=voice,
            semantic_min_new_tokens=tokens,
            semantic_max_new_tokens=tokens,
        )
        total_ms = 1000 * (time.perf_counter() - start)
    return {
        "totalMs": total_ms,
        "firstAudioMs": total_ms,
        "audioSeconds": audio.shape[-1] / model.generation_config.sample_rate,
        "stages": [spent.get(stage, 0.0) for stage in (*STAGES, "codec")],
        "residentMb": resident_mb(),
    }


@contextlib.contextmanager
def timed(owner, method, spent, name):
    """Adds up the milliseconds that the method of `owner` takes."""
    original = getattr(owner, method)

    def timing(*args, **kwargs):
        start = time.perf_counter()
        try:
            return original(*args, **kwargs)
        finally:
            spent[name] = spent.get(name, 0.0) + 1000 * (time.perf_counter() - start)

    setattr(owner, method, timing)
    try:
        yield
    finally:
        delattr(owner, method)


def first_voice(folder):
    with open(os.path.join(folder, "speaker_embeddings_path.json")) as file:
        index = json.load(file)
    paths = next(value for key, value in index.items() if key != "repo_or_path")
    arrays = {key: np.load(os.path.join(folder, path)) for key, path in paths.items()}
    return {key: torch.tensor(np.ascontiguousarray(array.astype(np.int64))) for key, array in arrays.items()}


def resident_mb():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmRSS"))


def say(answer):
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
