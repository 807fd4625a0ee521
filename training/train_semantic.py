"""Step 3: trains the semantic model, text to semantic tokens.

Usage: python train_semantic.py --minutes 40 [--long-after 0.8]

One attention head is told which character is being spoken (the teacher knows), which makes the alignment of
text and sound appear within minutes instead of hours; the hint fades out.
"""

import argparse
import time

import torch
import torch.nn.functional as F

from data_semantic import SemanticData
from gpt import CausalModel, SharedTable
from optimizer import Clock, Optimizer
from paths import folder
from vocabulary import (
    PIECES, SEMANTIC_INPUTS, SEMANTIC_OUTPUTS, SEMANTIC_VOCABULARY, SOUNDS, TEXT_OFFSET, TEXT_SLOTS, THIRDS,
)  # fmt: skip

WATCHED_LAYER = 2


def shared_parts():
    """Row indices of the shared parts: base character, case and place in the word; sound and third of the phone."""
    bases = sorted({row[1] for row in PIECES})
    none = len(bases) + len(SOUNDS)
    first = torch.full((SEMANTIC_INPUTS,), none)
    second = torch.full((SEMANTIC_INPUTS,), 4 + THIRDS)
    for token in range(SEMANTIC_VOCABULARY):
        first[token] = len(bases) + token // THIRDS
        second[token] = 4 + token % THIRDS
    for i, (_, base, upper, inside) in enumerate(PIECES):
        first[TEXT_OFFSET + i] = bases.index(base)
        second[TEXT_OFFSET + i] = 2 * upper + inside
    return [first, second]


def build(layers=5, width=256, heads=4):
    inputs = SharedTable(SEMANTIC_INPUTS, width, shared_parts())
    return CausalModel(layers, width, heads, inputs, SharedTable(SEMANTIC_OUTPUTS, width))


def loss_of(model, batch, hint_weight):
    text, past, spoken, targets, hints = batch
    table = model.inputs.table()
    x = torch.cat([F.embedding(text, table) + F.embedding(past, table), F.embedding(spoken, table)], 1)
    slots = text.shape[1]
    positions = torch.cat([torch.arange(slots), torch.arange(TEXT_SLOTS, TEXT_SLOTS + spoken.shape[1])])
    with torch.autocast("cpu", torch.bfloat16):
        out, watched = model.run(x, positions, WATCHED_LAYER, slots if hint_weight > 0 else None, keep=slots)
        logits = F.linear(out, model.outputs.table())
    loss = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=-100)
    hint = torch.zeros(())
    if hint_weight > 0:
        chosen = hints >= 0
        near = torch.stack([watched.gather(2, (hints.clamp(min=0) + d).clamp(0, slots - 1)[..., None])[..., 0] for d in (-1, 0, 1)])
        near = torch.logsumexp(near + torch.tensor([0.25, 0.5, 0.25]).log()[:, None, None], 0)
        hint = -(near * chosen).sum() / chosen.sum()
    return loss, hint, (logits.argmax(-1) == targets)[targets >= 0].float().mean()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--long-after", type=float, default=0.8, help="fraction of the time after which all 256 slots are used")
    parser.add_argument("--name", default="semantic")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = build()
    print(sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    optimizer = Optimizer(model, options.rate)
    clock = Clock(folder("checkpoints") / f"{options.name}.pt", model, optimizer, options.minutes)
    data = SemanticData(options.seed + clock.steps)
    progress = lambda: clock.spent / clock.total
    batches = data.batches(options.batch, lambda: progress() < options.long_after)
    shown, began, averages = 0, time.time(), []
    while (scale := clock.tick()) is not None:
        hint_weight = max(0.0, 1.0 - progress() / 0.6)
        loss, hint, right = loss_of(model, next(batches), hint_weight)
        optimizer.zero_grad()
        (loss + hint_weight * hint).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(scale)
        averages.append((loss.item(), hint.item(), right.item()))
        if clock.steps - shown >= 25:
            mean = torch.tensor(averages).mean(0)
            print(
                f"step {clock.steps} minute {clock.spent / 60:.1f} loss {mean[0]:.3f} hint {mean[1]:.3f} right {mean[2]:.3f}"
                f" {(time.time() - began) / len(averages):.2f} s/step rows {len(data.rows)}", flush=True,
            )  # fmt: skip
            shown, began, averages = clock.steps, time.time(), []
            data.refresh()


if __name__ == "__main__":
    main()
