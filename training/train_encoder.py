"""Optional step: teaches EnCodec's encoder the features the codes are made of, so that the whole codec works.

Usage: python train_encoder.py --minutes 5

Speech synthesis never runs the encoder; with it, any recording close to the teacher's can be turned into codes.
"""

import argparse
import time

import torch
from torch.nn import functional as F
from transformers.models.encodec.modeling_encodec import EncodecEncoder

from optimizer import Clock
from paths import folder
from train_codec import Adam, Crops, configuration


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--utterances", type=int, default=2400)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = EncodecEncoder(configuration())
    optimizer = Adam(model.parameters(), 1.5e-3)
    clock = Clock(folder("checkpoints") / "encoder.pt", model, optimizer, options.minutes)
    crops = Crops(options.utterances, options.seed)
    total, began = 0.0, time.time()
    while (scale := clock.tick()) is not None:
        codes, samples = crops.batch(options.batch, options.frames)
        wanted = crops.embedded(codes)
        # the first frames lack their past
        loss = F.smooth_l1_loss(model(samples[:, None])[:, :, 6:], wanted[:, :, 6:], beta=0.3)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(scale)
        total += loss.item()
        if clock.steps % 50 == 0:
            print(f"step {clock.steps} minute {clock.spent / 60:.1f} loss {total / 50:.4f} {(time.time() - began) / 50:.2f} s/step", flush=True)
            total, began = 0.0, time.time()


if __name__ == "__main__":
    main()
