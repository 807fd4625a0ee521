"""Loads a processor's folder with transformers, prints what is in it, and saves it again.

    pip install transformers==4.57.6 tokenizers==0.22.2 numpy
    python load_processor.py <folder> <folder to save to> < texts.json
"""

import json
import pathlib
import sys

import numpy
from transformers import AutoProcessor, BarkProcessor


def main(folder, target):
    processor = BarkProcessor.from_pretrained(folder)
    voices = {}
    for name in processor.available_voice_presets:
        history = processor("a", voice_preset=name, return_tensors="np")["history_prompt"]
        voices[name] = {
            key: {"shape": list(array.shape), "data": array.flatten().tolist()}
            for key, array in history.items()
        }
    arrays = {}
    for path in sorted(pathlib.Path(folder).rglob("*.npy")):
        array = numpy.load(path, allow_pickle=False)
        order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        arrays[path.relative_to(folder).as_posix()] = [str(array.dtype), order]
    inputs = processor(json.load(sys.stdin), truncation=True, return_tensors="np")
    processor.save_pretrained(target)
    auto = type(AutoProcessor.from_pretrained(folder)).__name__
    json.dump(
        {
            "auto": auto,
            "tokenizer": type(processor.tokenizer).__name__,
            "voices": voices,
            "arrays": arrays,
            "ids": inputs["input_ids"].tolist(),
            "mask": inputs["attention_mask"].tolist(),
        },
        sys.stdout,
    )


main(sys.argv[1], sys.argv[2])
