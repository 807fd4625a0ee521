"""Step 5: trains EnCodec's decoder to turn summed code embeddings into the teacher's waveform.

Usage: python train_codec.py --minutes 20 [--utterances 2000]

Losses: log and linear magnitudes of four short-time spectra, and a light pull on the complex spectrum (the codes
tell the phase of the voice). With --discriminate, the last part adds a small discriminator over spectra.
"""

import argparse
import pickle
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from transformers import EncodecConfig
from transformers.models.encodec.modeling_encodec import EncodecDecoder

from codec_features import HOP, RATE, WIDTH, analyse, waveform
from optimizer import Clock
from paths import folder
from train_codebooks import encode_features

RESOLUTIONS = [(2048, 480), (1024, 240), (512, 120), (256, 60)]


def configuration(filters=16):
    return EncodecConfig(
        target_bandwidths=[1.5, 3.0, 6.0], sampling_rate=RATE, hidden_size=WIDTH, codebook_dim=WIDTH, codebook_size=1024,
        num_filters=filters, upsampling_ratios=[8, 5, 4, 2], num_lstm_layers=2, norm_type="weight_norm",
    )  # fmt: skip


class Adam:
    """AdamW with the interface the clock expects."""

    def __init__(self, parameters, rate, betas=(0.8, 0.98)):
        self.adam = torch.optim.AdamW(parameters, lr=rate, betas=betas, weight_decay=0.0)
        self.rate = rate

    def step(self, scale):
        for group in self.adam.param_groups:
            group["lr"] = self.rate * scale
        self.adam.step()

    def zero_grad(self):
        self.adam.zero_grad(set_to_none=True)

    def state_dict(self):
        return self.adam.state_dict()

    def load_state_dict(self, state):
        self.adam.load_state_dict(state)


class Crops:
    """Codes and samples of some utterances, cut into equal crops."""

    def __init__(self, utterances, seed):
        self.rng = np.random.default_rng(seed)
        cache = folder("codec") / f"crops{utterances}.pickle"
        books = np.load(folder("codec") / "codebooks.npz")["books"]
        if not cache.exists():
            rows = []
            for path in sorted(folder("corpus").glob("shard*.pickle")):
                for u in random.Random(seed).sample(pickle.load(open(path, "rb")), 400):
                    samples = waveform(u)
                    codes, _ = encode_features(*analyse(samples, u.pitch, u.pitch_step), books)
                    if len(codes) > 80:
                        rows.append((codes.astype(np.int16), samples[: len(codes) * HOP].astype(np.float16)))
                if len(rows) >= utterances:
                    break
            pickle.dump(rows, open(cache, "wb"), protocol=5)
        self.rows = pickle.load(open(cache, "rb"))
        self.books = torch.from_numpy(books)
        envelope = self.books[0]
        self.neighbours = torch.cdist(envelope, envelope).topk(5, largest=False).indices[:, 1:]

    def batch(self, size, frames):
        codes, samples = [], []
        while len(codes) < size:
            c, s = self.rows[self.rng.integers(len(self.rows))]
            if len(c) < frames:
                continue
            at = self.rng.integers(len(c) - frames + 1)
            codes.append(c[at : at + frames])
            samples.append(s[at * HOP : (at + frames) * HOP])
        codes = torch.from_numpy(np.stack(codes)).long()
        return codes, torch.from_numpy(np.stack(samples)).float()

    def embedded(self, codes):
        return sum(self.books[q][codes[:, :, q]] for q in range(8)).transpose(1, 2)

    def roughened(self, codes):
        """Embeddings of codes as language models would err: neighbouring envelopes, refinements missing."""
        size, frames = codes.shape[:2]
        draw = lambda *shape: torch.from_numpy(self.rng.random(shape).astype(np.float32))
        swap = (draw(size, frames) < 0.3) & (draw(size, 1) < 0.5)
        pick = torch.from_numpy(self.rng.integers(0, 4, (size, frames)))
        first = torch.where(swap, self.neighbours[codes[:, :, 0], pick], codes[:, :, 0])
        z = self.books[0][first] + self.books[1][codes[:, :, 1]]
        depth = draw(size, 1, 1)
        for q, share in ((2, 0.65), (3, 0.55), (5, 0.45)):
            z = z + self.books[q][codes[:, :, q]] * (depth < share)
        return (z + self.books[4][codes[:, :, 4]] * (draw(size, 1, 1) < 0.7)).transpose(1, 2)


def spectra(x):
    for size, hop in RESOLUTIONS:
        yield torch.stft(x, size, hop, window=torch.hann_window(size), return_complex=True, center=True), size


def spectral_loss(made, true):
    total = 0.0
    for (a, size), (b, _) in zip(spectra(made), spectra(true)):
        scale = size**-0.5 * 2
        ma, mb = (torch.view_as_real(a).pow(2).sum(-1) + 1e-8).sqrt() * scale, (torch.view_as_real(b).pow(2).sum(-1) + 1e-8).sqrt() * scale
        total = total + (torch.log(ma + 2e-3) - torch.log(mb + 2e-3)).abs().mean() + 2 * (ma - mb).abs().mean() / mb.mean()
        if size == 512:
            total = total + 0.15 * torch.view_as_real(a - b).abs().mean() * scale / mb.mean()
    return total


class Discriminator(nn.Module):
    """Small convolutions over one short-time spectrum per resolution; judges patches."""

    def __init__(self, width=16):
        super().__init__()
        def one():
            sizes = [2, width, width, 2 * width, 2 * width]
            layers = []
            for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
                layers += [nn.utils.parametrizations.weight_norm(nn.Conv2d(a, b, (5, 3), (2, 1 if i else 1), (2, 1))), nn.LeakyReLU(0.2)]
            return nn.ModuleList([*layers, nn.Conv2d(sizes[-1], 1, (3, 3), 1, 1)])
        self.sets = nn.ModuleList(one() for _ in range(2))

    def forward(self, x):
        outs, features = [], []
        for layers, (size, hop) in zip(self.sets, [(1024, 240), (512, 120)]):
            y = torch.stft(x, size, hop, window=torch.hann_window(size), return_complex=True) * (2 * size**-0.5)
            y = torch.view_as_real(y).permute(0, 3, 1, 2)
            y = y / (y.pow(2).sum(1, keepdim=True) + 1e-4).pow(0.35)  # compress loudness, keep phase
            for layer in layers:
                y = layer(y)
                if isinstance(layer, nn.LeakyReLU):
                    features.append(y)
            outs.append(y)
        return outs, features


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--utterances", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=72)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--discriminate", type=float, default=2.0, help="fraction of the time after which the discriminator joins")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="codec")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = nn.ModuleDict({"decoder": EncodecDecoder(configuration()), "judge": Discriminator()})
    optimizer = Adam(model.parameters(), options.rate)
    clock = Clock(folder("checkpoints") / f"{options.name}.pt", model, optimizer, options.minutes)
    crops = Crops(options.utterances, options.seed)
    print(len(crops.rows), "utterances", sum(p.numel() for p in model["decoder"].parameters()), "parameters", flush=True)
    began, averages = time.time(), []
    while (scale := clock.tick()) is not None:
        codes, true = crops.batch(options.batch, options.frames)
        made = model["decoder"](crops.roughened(codes))[:, 0]
        loss = spectral_loss(made, true)
        extra = judged = torch.zeros(())
        optimizer.zero_grad()
        if clock.spent > options.discriminate * clock.total:
            judge = model["judge"]
            (real, _), (fake, _) = judge(true), judge(made.detach())
            judged = sum(F.relu(1 - r).mean() + F.relu(1 + f).mean() for r, f in zip(real, fake)) / len(real)
            judged.backward()
            for p in judge.parameters():
                p.requires_grad_(False)
            (fake, made_features), (_, true_features) = judge(made), judge(true)
            extra = sum(-f.mean() for f in fake) / len(fake) * 0.5
            extra = extra + 2.0 * sum((a - b).abs().mean() / (b.abs().mean() + 1e-3) for a, b in zip(made_features, true_features)) / len(made_features)
            (loss + extra).backward()
            for p in judge.parameters():
                p.requires_grad_(True)
        else:
            loss.backward()
        torch.nn.utils.clip_grad_norm_(model["decoder"].parameters(), 5.0)
        optimizer.step(scale)
        averages.append((loss.item(), extra.item(), judged.item()))
        if len(averages) == 25:
            mean = np.mean(averages, 0)
            print(f"step {clock.steps} minute {clock.spent / 60:.1f} loss {mean[0]:.3f} extra {mean[1]:.3f} judge {mean[2]:.3f} {(time.time() - began) / 25:.2f} s/step", flush=True)
            began, averages = time.time(), []


if __name__ == "__main__":
    main()
