"""Between steps: phone errors of the semantic model alone, against the teacher's phones for held-out sentences.

Usage: python check_semantic.py [--temperature 0.6] [--verbose]
"""

import argparse

import numpy as np
import torch
from transformers import BarkSemanticConfig
from transformers.models.bark.generation_configuration_bark import BarkSemanticGenerationConfig
from transformers.models.bark.modeling_bark import BarkSemanticModel

from data_semantic import SemanticData
from evaluate import errors
from paths import folder
from sentences import IDENTIFICATION, VARIED
from teacher import Teacher
from train_semantic import build
from vocabulary import (
    SEMANTIC_END, SEMANTIC_INFER, SEMANTIC_INPUTS, SEMANTIC_OUTPUTS, SEMANTIC_VOCABULARY, SOUNDS, TEXT_OFFSET, TEXT_PAD,
    TEXT_SLOTS, THIRDS, semantic_tokens, text_ids,
)  # fmt: skip


def phones(tokens):
    """Phone names of a token row: a new phone begins where the sound changes or its third goes back."""
    out, last = [], None
    for token in tokens:
        sound, third = divmod(int(token), THIRDS)
        if last is None or sound != last[0] or third < last[1]:
            out.append(SOUNDS[sound].rstrip("1"))
        last = (sound, third)
    return [p for p in out if p != "pau"]


def load(name):
    model = build()
    model.load_state_dict(torch.load(folder("checkpoints") / f"{name}.pt", weights_only=True)["model"])
    shape = model.shape
    config = BarkSemanticConfig(
        num_layers=shape["layers"], num_heads=shape["heads"], hidden_size=shape["width"], bias=False,
        input_vocab_size=SEMANTIC_INPUTS, output_vocab_size=SEMANTIC_OUTPUTS,
    )  # fmt: skip
    BarkSemanticModel._init_weights = lambda self, module: None
    public = BarkSemanticModel(config)
    public.load_state_dict(model.export_tensors(), strict=False)
    return public.eval()


def generate(model, texts, temperature, history=None):
    ids = torch.zeros(len(texts), TEXT_SLOTS, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(texts):
        pieces = text_ids([(c, 0) for c in text])[0]
        ids[row, : len(pieces)], mask[row, : len(pieces)] = torch.tensor(pieces), 1
    config = BarkSemanticGenerationConfig(
        eos_token_id=SEMANTIC_END, semantic_vocab_size=SEMANTIC_VOCABULARY, text_encoding_offset=TEXT_OFFSET,
        text_pad_token=TEXT_PAD, semantic_infer_token=SEMANTIC_INFER, max_new_tokens=600,
    )  # fmt: skip
    config.do_sample, config.temperature, config.top_k = temperature > 0, temperature or 1.0, 20
    prompt = None if history is None else {"semantic_prompt": torch.from_numpy(history.astype(np.int64))}
    with torch.no_grad():
        return model.generate(ids, config, history_prompt=prompt, attention_mask=mask)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--temperature", type=float, default=0.6)
    parser.add_argument("--name", default="semantic")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--history", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    model, teacher = load(options.name), Teacher()
    history = next(r[2] for r in SemanticData(1).rows if r[1] == 0 and 95 < len(r[2]) < 130) if options.history else None
    for title, texts in (("held-out sentences", IDENTIFICATION), ("varied", VARIED)):
        out = generate(model, texts, options.temperature, history).numpy()
        wrong = total = endless = 0
        lengths = []
        for text, row in zip(texts, out):
            true, _ = semantic_tokens(teacher.speak(text, "slt"))
            row = row[: list(row).index(SEMANTIC_END)] if SEMANTIC_END in row else row
            endless += len(row) >= 600
            lengths.append(len(row) / len(true))
            a, b = phones(true), phones(row)
            wrong, total = wrong + errors(a, b), total + len(a)
            if options.verbose:
                print(f"{errors(a, b):3d} {lengths[-1]:.2f} {text}\n      {' '.join(b)}")
        print(f"{title}: phone errors {wrong / total:.1%}, endless {endless}, length {np.min(lengths):.2f} {np.median(lengths):.2f} {np.max(lengths):.2f}", flush=True)


if __name__ == "__main__":
    main()
