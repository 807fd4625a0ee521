"""Steps 6 and 7: trains the coarse model (semantic tokens to codebooks 0 and 1) or the fine model (2 to 7).

Usage: python train_acoustic.py coarse --minutes 45
       python train_acoustic.py fine --minutes 20

One attention head of the coarse model is told which semantic slot is being spoken: without, it learns to continue
sounds long before it learns to read.

Tables know the geometry of the codes (the embeddings of the codec), so that neighbouring codes start as neighbours.
"""

import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F

from codec_features import ENVELOPE, PHASE_BINS, PITCH_BINS, SOURCE, UNVOICED
from data_acoustic import UNKNOWN, AcousticData
from gpt import CausalModel, FineModel, SharedTable
from optimizer import Clock, Optimizer, join_processes
from paths import folder
from vocabulary import COARSE_TOKENS, RATIO, SEMANTIC_VOCABULARY, THIRDS

FINE_ROWS = 1056
SHARES = [0.24, 0.24, 0.24, 0.24, 0.02, 0.02]  # how often codebooks 2 to 7 are drawn
CHEAP = {6, 7}


def code_books():
    return np.load(folder("codec") / "codebooks.npz")["books"]


def features_of(books, q):
    """Features of the codes of codebook q, about unit size."""
    table = books[q]
    spread = table.std(0)
    return table / np.maximum(spread, 0.3 * spread.max() + 1e-6)


def coarse_tables(width):
    books = code_books()
    geometry = np.zeros((COARSE_TOKENS, 64), np.float32)
    geometry[SEMANTIC_VOCABULARY : SEMANTIC_VOCABULARY + 1024] = features_of(books, 0)
    geometry[SEMANTIC_VOCABULARY + 1024 : SEMANTIC_VOCABULARY + 2048] = features_of(books, 1)
    pitch = np.full(COARSE_TOKENS, PITCH_BINS + 1)
    phase = np.full(COARSE_TOKENS, PHASE_BINS + 1)
    voiced = np.arange(UNVOICED)
    pitch[SEMANTIC_VOCABULARY + 1024 + voiced] = voiced // PHASE_BINS
    phase[SEMANTIC_VOCABULARY + 1024 + voiced] = voiced % PHASE_BINS
    unvoiced = np.arange(UNVOICED, 1024)
    pitch[SEMANTIC_VOCABULARY + 1024 + unvoiced] = PITCH_BINS
    phase[SEMANTIC_VOCABULARY + 1024 + unvoiced] = PHASE_BINS
    sound = np.full(COARSE_TOKENS, SEMANTIC_VOCABULARY // THIRDS)
    third = np.full(COARSE_TOKENS, THIRDS)
    tokens = np.arange(SEMANTIC_VOCABULARY)
    sound[tokens], third[tokens] = tokens // THIRDS, tokens % THIRDS
    inputs = SharedTable(COARSE_TOKENS, width, [sound, third, pitch, phase], geometry)
    return inputs, SharedTable(COARSE_TOKENS, width, [pitch, phase], geometry)


def build(kind):
    if kind == "coarse":
        model = CausalModel(4, 192, 3, *coarse_tables(192))
        teach_reading(model)
        return model
    books = code_books()
    tables = []
    for q in range(8):
        geometry = np.zeros((FINE_ROWS, 64), np.float32)
        geometry[:1024] = features_of(books, q)
        tables.append(SharedTable(FINE_ROWS, 128, (), geometry))
    return FineModel(3, 128, 2, tables)


WATCHED_LAYER = 0


@torch.no_grad()
def teach_reading(model, sharpness=1.3, seed=7):
    """Lets two heads start out looking at the semantic slot of the moment, and at the one after next.

    Positions of slots and of coarse tokens get waves of their time, each in its subspace, which those heads compare.
    Learned from nothing, this linear alignment takes longer than everything else. Ordinary weights afterwards.
    """
    width, size = model.shape["width"], model.shape["width"] // model.shape["heads"]
    generator = torch.Generator().manual_seed(seed)
    seen, asking = torch.linalg.qr(torch.randn(width, 2 * size, generator=generator))[0].split(size, 1)
    speeds = torch.rand(size // 2, generator=generator) * 2.0
    position = torch.arange(1024.0)
    times = torch.where(position < 256, position + 0.5, (position - 256 + 0.5) / RATIO)
    waves = lambda t: torch.cat([torch.cos(t[:, None] * speeds), torch.sin(t[:, None] * speeds)], 1) * (2 / size) ** 0.5
    table = model.inputs.table()[: SEMANTIC_VOCABULARY + 2048]
    content = (table.pow(2).sum(1).mean() + model.position_embeds_layer.weight.pow(2).sum(1).mean()).sqrt()
    model.position_embeds_layer.weight[:256] += content * 0.7 * waves(times[:256]) @ seen.t()
    model.position_embeds_layer.weight[256:] += content * 0.7 * waves(times[256:]) @ asking.t()
    turn_cos, turn_sin = torch.cos(2 * speeds), torch.sin(2 * speeds)
    half = size // 2
    ahead = torch.zeros(size, size)
    ahead[:half, :half], ahead[:half, half:] = torch.diag(turn_cos), torch.diag(-turn_sin)
    ahead[half:, :half], ahead[half:, half:] = torch.diag(turn_sin), torch.diag(turn_cos)
    for layer, turned in ((0, torch.eye(size)), (1, ahead)):
        block = model.layers[layer]
        block.attn.att_proj.weight[:size] = sharpness * turned @ asking.t() / block.layernorm_1.weight
        block.attn.att_proj.weight[width : width + size] = sharpness * seen.t() / block.layernorm_1.weight


def coarse_loss(model, batch, hint_weight=0.0):
    """The loss to minimise; the losses of codebooks 0 and 1 and of the hint where attention should look."""
    slots, heard, target, hints = batch
    table = model.inputs.table()
    x = F.embedding(torch.cat([slots, heard], 1), table)
    wide = slots.shape[1]
    positions = torch.cat([torch.arange(wide), torch.arange(256, 256 + heard.shape[1])])
    head = model.outputs.table()
    with torch.autocast("cpu", torch.bfloat16):
        out, watched = model.run(x, positions, WATCHED_LAYER, wide if hint_weight > 0 else None, keep=wide)
        losses = []
        # only codes of the codebook in question compete, as in inference
        for first, low in ((SEMANTIC_VOCABULARY, False), (SEMANTIC_VOCABULARY + 1024, True)):
            mask = (target >= SEMANTIC_VOCABULARY + 1024) if low else (target >= 0) & (target < SEMANTIC_VOCABULARY + 1024)
            stop = COARSE_TOKENS if low else first + 1024
            logits = F.linear(out[mask], head[first:stop])
            losses.append(F.cross_entropy(logits.float(), target[mask] - first))
    hint = torch.zeros(())
    if hint_weight > 0:
        near = torch.stack([watched.gather(2, (hints.clamp(min=0) + d).clamp(0, wide - 1)[..., None])[..., 0] for d in (-1, 0, 1)])
        hint = -(torch.logsumexp(near, 0) * (hints >= 0)).sum() / (hints >= 0).sum()
    return (losses[0] + losses[1]) / 2 + hint_weight * hint, [loss.item() for loss in (*losses, hint)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["coarse", "fine"])
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--frames", type=int, default=320, help="fine: frames of a short lesson")
    parser.add_argument("--long-after", type=float, default=0.75)
    parser.add_argument("--hint", type=float, default=0.5, help="coarse: weight of the attention hint at the start")
    parser.add_argument("--name", default="")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    place = join_processes()
    model = build(options.kind)
    print(sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    optimizer = Optimizer(model, options.rate)
    clock = Clock(folder("checkpoints") / f"{options.name or options.kind}.pt", model, optimizer, options.minutes)
    data = AcousticData(options.seed + clock.steps + 1000 * place)
    draw = np.random.default_rng(options.seed + clock.steps)
    short = lambda: clock.spent < options.long_after * clock.total
    batches = data.coarse_batches(options.batch, short) if options.kind == "coarse" else None
    began, averages = time.time(), []
    while (scale := clock.tick()) is not None:
        if options.kind == "coarse":
            loss, parts = coarse_loss(model, next(batches), max(0.0, options.hint * (1 - clock.spent / clock.total / 0.95)))
        else:
            codebook = int(draw.choice(6, p=SHARES)) + 2
            # long lessons: the whole window of 1024 frames, fewer at a time
            frames, size = (options.frames, options.batch) if short() or draw.random() < 0.3 else (1024, max(1, options.batch // 4))
            codes, target = data.fine_batch(size, frames, codebook)
            logits = model(codes, codebook)[:, :, :UNKNOWN]
            loss = F.cross_entropy(logits.float().flatten(0, 1), target.flatten(), ignore_index=-100)
            parts = [np.nan] * 6
            parts[codebook - 2] = loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.share_gradients()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(scale)
        averages.append(parts)
        if len(averages) == 50:
            mean = np.nanmean(averages, 0).round(3)
            print(f"step {clock.steps} minute {clock.spent / 60:.1f} losses {mean} {(time.time() - began) / 50:.2f} s/step rows {len(data.rows)}", flush=True)
            began, averages = time.time(), []
            data.refresh()


if __name__ == "__main__":
    main()
