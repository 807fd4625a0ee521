"""Asks the reference's three models for single forwards, and writes down what came out.

    python scripts/forward_golden.py <checkpoint> <out>

<out> gets forward.json (the calls; of each output where it begins in the numbers, and its shape) and forward.npy
(all numbers one after another, float32). Float32 on one thread, transformers 4.57.
"""

import argparse
import json
import os

import numpy as np
import torch
import transformers
from transformers import BarkModel


# of the logits every fourth is kept
LOGIT_STEP = 4


class Numbers:
    def __init__(self):
        self.parts = []
        self.length = 0

    def add(self, tensor):
        array = tensor.detach().numpy().astype(np.float32)
        at = {"offset": self.length, "shape": list(array.shape)}
        self.parts.append(array.ravel())
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
    random = np.random.default_rng(5)
    numbers = Numbers()
    with torch.no_grad():
        calls = [
            *causal_calls("semantic", model.semantic, random, numbers),
            *causal_calls("coarse", model.coarse_acoustics, random, numbers),
            *fine_calls(model.fine_acoustics, random, numbers),
        ]
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "forward.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(call) for call in calls) + "\n]\n")
    np.save(os.path.join(options.out, "forward.npy"), np.concatenate(numbers.parts))


def causal_calls(stage, model, random, numbers):
    vocabulary, width = model.config.input_vocab_size, model.config.hidden_size
    first = {
        "input_ids": random.integers(0, vocabulary, (2, 4)).tolist(),
        # the second row is padded on its left: its first query sees nothing that it may see
        "attention_mask": [[1, 1, 1, 1], [0, 0, 1, 1]],
    }
    answer = run(model, first)
    yield {"stage": stage, "name": "padded batch", **first, "expected": outputs(answer, numbers)}
    second = {
        "input_ids": random.integers(0, vocabulary, (2, 2)).tolist(),
        "attention_mask": [[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1]],
        "position_ids": [[4, 5], [2, 3]],
    }
    answer = run(model, second, past_key_values=answer.past_key_values)
    yield {"stage": stage, "name": "after the cache", **second, "expected": outputs(answer, numbers)}
    embeds = torch.tensor(random.normal(0, 0.3, (1, 3, width)), dtype=torch.float32)
    answer = model(input_embeds=embeds, use_cache=True, output_hidden_states=True, output_attentions=True)
    yield {"stage": stage, "name": "embeds", "input_embeds": numbers.add(embeds), "expected": outputs(answer, numbers)}


def fine_calls(model, random, numbers):
    for codebook, mask in ((1, None), (4, [[1, 1, 1], [1, 0, 1]]), (7, None)):
        call = {"codebook_idx": codebook, "input_ids": random.integers(0, 1_025, (2, 3, 8)).tolist()}
        if mask is not None:
            call["attention_mask"] = mask
        answer = run(model, call)
        yield {"stage": "fine", "name": f"codebook {codebook}", **call, "expected": outputs(answer, numbers)}


def run(model, call, **more):
    arguments = {key: value if isinstance(value, int) else torch.tensor(value) for key, value in call.items()}
    if "codebook_idx" not in call:
        more["use_cache"] = True
    return model(**arguments, **more, output_hidden_states=True, output_attentions=True)


def outputs(answer, numbers):
    said = {
        "logits": numbers.add(answer.logits[..., ::LOGIT_STEP]),
        "hidden_states": [numbers.add(state) for state in answer.hidden_states],
        "attentions": [numbers.add(weights) for weights in answer.attentions],
    }
    cache = getattr(answer, "past_key_values", None)
    if cache is not None:
        said["past_key_values"] = [{"key": numbers.add(layer.keys), "value": numbers.add(layer.values)} for layer in cache.layers]
    return said


if __name__ == "__main__":
    main()
