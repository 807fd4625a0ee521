"""Asks the reference with which probability it would draw each id, step by step, for the statistics test.

    python scripts/sampling_golden.py <checkpoint> <out>

Takes scores that the checkpoint's own stages give, runs them through the processors that transformers itself puts
together for each setting, and softmaxes what they leave. <out> gets sampling.json (the settings; where scores and
probabilities begin in the numbers) and sampling.npy (all numbers one after another, float32).
"""

import argparse
import json
import os

import numpy as np
import torch
import transformers
from transformers import BarkModel
from transformers.generation.logits_process import (
    AlternatingCodebooksLogitsProcessor,
    BarkEosPrioritizerLogitsProcessor,
    LogitsProcessorList,
    SuppressTokensLogitsProcessor,
)
from transformers.models.bark.generation_configuration_bark import BarkCoarseGenerationConfig, BarkSemanticGenerationConfig

SETTINGS = [
    {},
    {"temperature": 0.7, "top_k": 50},
    {"temperature": 0.6, "top_k": None, "top_p": 0.9},
    {"temperature": 1.3, "top_k": 7, "top_p": 0.5},
    {"top_p": 0.05},
    {"top_k": 1},
]


class Numbers:
    def __init__(self):
        self.parts = []
        self.length = 0

    def add(self, tensor):
        array = tensor.detach().numpy().astype(np.float32).ravel()
        at = {"offset": self.length, "length": array.size}
        self.parts.append(array)
        self.length += array.size
        return at


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    model = BarkModel.from_pretrained(options.checkpoint).eval()
    numbers = Numbers()
    with torch.no_grad():
        steps = [*semantic_steps(model, numbers), *coarse_steps(model, numbers), *fine_steps(model, numbers)]
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "sampling.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(step) for step in steps) + "\n]\n")
    np.save(os.path.join(options.out, "sampling.npy"), np.concatenate(numbers.parts))


def semantic_steps(model, numbers):
    own = BarkSemanticGenerationConfig(**model.generation_config.semantic_config)
    end, first = own.eos_token_id, own.semantic_vocab_size
    vocabulary = model.semantic.config.output_vocab_size
    scores = last_scores(model.semantic, 200)
    tied = scores.clone()
    # the fifth to ninth best of them score the same
    tied[0, scores[0].topk(9).indices[4:]] = scores[0].topk(5).values[4]
    suppress = SuppressTokensLogitsProcessor([*range(first, end), *range(end + 1, vocabulary)])
    # likely enough to be drawn, and to be weighed
    scores[0, end] = scores.max() - 1
    end_probability = suppress(None, scores).softmax(-1)[0, end].item()
    first_at = numbers.add(scores)
    for name, row, at in (("scores", scores, first_at), ("ties", tied, numbers.add(tied))):
        # which of equal scores top-p leaves is not said: torch's sort is not stable
        settings = SETTINGS if name == "scores" else [one for one in SETTINGS if one.get("top_p") != 0.5]
        for setting in settings + [{"top_k": 5}, {"top_k": 5, "temperature": 0.7}]:
            yield step(model.semantic, own, "semantic", f"{name} {setting}", row, at, setting, [suppress], numbers)
    for factor in (0.9, 1.1):
        threshold = end_probability * factor
        setting = {"temperature": 0.7, "top_k": 50}
        last = BarkEosPrioritizerLogitsProcessor(eos_token_id=end, min_eos_p=threshold)
        said = step(model.semantic, own, "semantic", f"min_eos_p {factor}", scores, first_at, setting, [suppress, last], numbers)
        yield {**said, "min_eos_p": threshold}


def coarse_steps(model, numbers):
    own = BarkCoarseGenerationConfig(**model.generation_config.coarse_acoustics_config)
    first = model.generation_config.semantic_config["semantic_vocab_size"]
    scores = last_scores(model.coarse_acoustics, 100)
    at = numbers.add(scores)
    for parity in (0, 1):
        # a processor that began `parity` ids ago
        alternate = AlternatingCodebooksLogitsProcessor(100 - parity, first, model.generation_config.codebook_size)
        for setting in SETTINGS[1:4]:
            said = step(model.coarse_acoustics, own, "coarse", f"parity {parity} {setting}", scores, at, setting, [alternate], numbers)
            yield {**said, "parity": parity}


def fine_steps(model, numbers):
    random = torch.Generator().manual_seed(3)
    codes = torch.randint(0, 1_025, (1, 20, 8), generator=random)
    size = model.generation_config.codebook_size
    scores = model.fine_acoustics(4, codes).logits[0, 7, :size]
    at = numbers.add(scores)
    for temperature in (0.5, 0.9):
        probabilities = torch.nn.functional.softmax(scores / temperature, dim=-1)
        yield {"stage": "fine", "name": f"temperature {temperature}", "scores": at, "temperature": temperature, "probabilities": numbers.add(probabilities)}


def last_scores(model, length):
    random = torch.Generator().manual_seed(length)
    ids = torch.randint(0, model.config.input_vocab_size, (1, length), generator=random)
    return model(ids).logits[:, -1]


def step(model, own, stage, name, scores, at, setting, processors, numbers):
    """One step as `generate` takes it: the stage's processors, then the warpers, then a softmax."""
    config = type(own)(**{**own.to_dict(), "do_sample": True, "temperature": 1.0, "top_k": None, "top_p": 1.0, **setting})
    config._eos_token_tensor = None
    ids = torch.ones((1, 100), dtype=torch.int64)
    chain = model._get_logits_processor(generation_config=config, input_ids_seq_length=100, logits_processor=LogitsProcessorList(processors), device="cpu")
    left = chain(ids, scores.clone().to(torch.float32))
    probabilities = torch.nn.functional.softmax(left, dim=-1)
    return {"stage": stage, "name": name, "scores": at, "temperature": setting.get("temperature"), "top_k": setting.get("top_k"), "top_p": setting.get("top_p"), "probabilities": numbers.add(probabilities)}


if __name__ == "__main__":
    main()
