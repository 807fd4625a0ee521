"""Asks the reference what a checkpoint says, and writes it down for the conformance suite.

    python scripts/golden.py <checkpoint> <out> [--voices folder] [--cases file.json]

<checkpoint>  a folder that transformers' BarkModel loads, with its tokenizer
<out>         gets cases.json, <name>_fine.npy, <name>_audio.npy, checkpoint.txt (the way from <out> to
              <checkpoint>, unless they are the same) and README.md (versions, command)
--voices      a folder of suno's .npz voices; without it, and for names that are not there, a voice is taken
              from the checkpoint's own speaker_embeddings_path.json
--cases       a JSON list like CASES below; `texts` may be replaced by `input_ids` (before the text offset)

Needs transformers 4.57 (with the huggingface-hub it asks for), torch and numpy. Everything is greedy, on one
thread in float32. In cases.json `semantic` and `coarse` are the raw outputs of the stages (end tokens and
offsets still in them), `fine` is int16 [batch, 8, frames], `audio` float32 [batch, samples].
"""

import argparse
import contextlib
import json
import os
import platform
import sys

import numpy as np
import torch
import transformers
from transformers import AutoTokenizer, BarkModel

TEXT_SLOTS = 256

HELLO = "Hello, my dog is cute."
FOX = "The quick brown fox jumps over the lazy dog and runs away."
VOICE = "v2/en_speaker_0"

# few and short: audio is what takes the space
CASES = [
    {"name": "a_nohist_12", "texts": [HELLO], "semantic_max_new_tokens": 12},
    {"name": "b_preset_12", "texts": [HELLO], "history": VOICE, "semantic_max_new_tokens": 12},
    # 90 coarse tokens are one window and a half
    {"name": "c_two_windows", "texts": [FOX], "semantic_max_new_tokens": 30},
    {
        "name": "d_two_windows_preset",
        "texts": [FOX],
        "history": "v2/en_speaker_1",
        "semantic_max_new_tokens": 30,
    },
    {"name": "e_ends_by_itself", "texts": ["Why?"]},
    {"name": "f_min_eos_p", "texts": [FOX], "history": VOICE, "min_eos_p": 0.0005},
    {
        "name": "g_batch3_lengths",
        "texts": [HELLO, "Ça va? Да!", FOX],
        "history": VOICE,
        "min_eos_p": 0.0005,
        "return_output_lengths": True,
    },
    {"name": "h_min_new_tokens", "texts": ["Why?"], "min_eos_p": 0.0005, "semantic_min_new_tokens": 10},
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--voices")
    parser.add_argument("--cases")
    options = parser.parse_args()

    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    os.makedirs(options.out, exist_ok=True)
    model = BarkModel.from_pretrained(options.checkpoint).eval()
    tokenizer = None
    cases = CASES
    if options.cases is not None:
        with open(options.cases) as file:
            cases = json.load(file)
    if any("texts" in case for case in cases):
        tokenizer = AutoTokenizer.from_pretrained(options.checkpoint)

    answers = []
    for case in cases:
        answers.append(answer(model, tokenizer, case, options))
        expected = answers[-1]["expected"]
        print(case["name"], [len(row) for row in expected["semantic"]], expected["audio_shape"])

    write_json(os.path.join(options.out, "cases.json"), answers)
    way = os.path.relpath(options.checkpoint, options.out)
    if way != ".":
        with open(os.path.join(options.out, "checkpoint.txt"), "w") as file:
            file.write(way + "\n")
    with open(os.path.join(options.out, "README.md"), "w") as file:
        file.write(readme(way))


def answer(model, tokenizer, case, options):
    """Runs one case and returns it with what came out; the arrays go to files."""
    if "input_ids" in case:
        rows = case["input_ids"]
    else:
        rows = [tokenizer.encode(text, add_special_tokens=False) for text in case["texts"]]
    ids = torch.zeros((len(rows), TEXT_SLOTS), dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1

    said = {
        "name": case["name"],
        "input_ids": rows,
        "pad_to": TEXT_SLOTS,
        "history": case.get("history"),
        "semantic_max_new_tokens": case.get("semantic_max_new_tokens"),
        "min_eos_p": case.get("min_eos_p"),
        "semantic_min_new_tokens": case.get("semantic_min_new_tokens"),
        "return_output_lengths": case.get("return_output_lengths", False),
        "do_sample": False,
        "temperature": None,
    }
    arguments = {"do_sample": False, "temperature": None}
    for key in ("semantic_max_new_tokens", "semantic_min_new_tokens", "min_eos_p"):
        if said[key] is not None:
            arguments[key] = said[key]
    if said["return_output_lengths"]:
        arguments["return_output_lengths"] = True
    if said["history"] is not None:
        arguments["history_prompt"] = voice(said["history"], options)

    heard = {}
    stages = {"semantic": model.semantic, "coarse": model.coarse_acoustics, "fine": model.fine_acoustics}
    with contextlib.ExitStack() as stack:
        for stage, module in stages.items():
            stack.enter_context(listening(module, stage, heard))
        audio = model.generate(ids, attention_mask=mask, **arguments)
    lengths = None
    if said["return_output_lengths"]:
        audio, lengths = audio

    files = {
        "fine": heard["fine"].numpy().astype(np.int16),
        "audio": audio.numpy().astype(np.float32),
    }
    expected = {"semantic": heard["semantic"].tolist(), "coarse": heard["coarse"].tolist()}
    for kind, array in files.items():
        name = f"{case['name']}_{kind}.npy"
        np.save(os.path.join(options.out, name), np.ascontiguousarray(array))
        expected[f"{kind}_file"] = name
        expected[f"{kind}_shape"] = list(array.shape)
    expected["output_lengths"] = lengths
    return {**said, "expected": expected}


@contextlib.contextmanager
def listening(module, stage, heard):
    """Keeps a copy of what the module's `generate` returns: the next stage changes it in place."""
    generate = module.generate

    def copying(*args, **kwargs):
        result = generate(*args, **kwargs)
        heard[stage] = (result[0] if isinstance(result, tuple) else result).clone()
        return result

    module.generate = copying
    try:
        yield
    finally:
        del module.generate


def voice(name, options):
    """The three prompts as int64 tensors."""
    keys = ("semantic_prompt", "coarse_prompt", "fine_prompt")
    npz = None if options.voices is None else os.path.join(options.voices, name + ".npz")
    if npz is not None and os.path.exists(npz):
        with np.load(npz) as arrays:
            prompts = {key: arrays[key] for key in keys}
    else:
        with open(os.path.join(options.checkpoint, "speaker_embeddings_path.json")) as file:
            paths = json.load(file)[name]
        prompts = {key: np.load(os.path.join(options.checkpoint, paths[key])) for key in keys}
    return {key: torch.tensor(np.ascontiguousarray(array.astype(np.int64))) for key, array in prompts.items()}


def write_json(path, cases):
    """One case a line, so that a change shows which case it touches."""
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    with open(path, "w") as file:
        file.write(f"[\n{lines}\n]\n")


def readme(way):
    return f"""# What the reference says

Made by `python scripts/golden.py <checkpoint> <this folder>` for the checkpoint `{way}`: transformers
{transformers.__version__}, torch {torch.__version__}, numpy {np.__version__}, Python {platform.python_version()}, greedy, float32, one thread.

`cases.json` has the calls and the tokens of each stage, the `.npy` files the codes ([batch, 8, frames]) and the samples
([batch, samples]). Tokens are to be met exactly, samples within 1e-5.
"""


if __name__ == "__main__":
    sys.exit(main())
