"""Between steps: the codec alone. Writes teacher speech and its decoded codes in evaluate.py's folder layout.

Usage: python check_codec.py OUT [--sentences 12]; then python evaluate.py recognise OUT
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from codec_features import analyse, waveform
from evaluate import VOICE_OF, write_wave
from export import codec
from paths import folder
from sentences import IDENTIFICATION
from teacher import Teacher
from train_codebooks import encode_features


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--sentences", type=int, default=12)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, teacher = codec().eval(), Teacher()
    books = np.load(folder("codec") / "codebooks.npz")["books"]
    texts = IDENTIFICATION[: options.sentences]
    for preset, voice in VOICE_OF.items():
        for k, text in enumerate(texts):
            u = teacher.speak(text, voice)
            true = waveform(u)
            codes, _ = encode_features(*analyse(true, u.pitch, u.pitch_step), books)
            with torch.no_grad():
                z = model.quantizer.decode(torch.from_numpy(codes.T)[:, None])
                made = model.decoder(z)[0, 0].numpy()
            write_wave(options.out / preset / f"{k:03d}.wav", made)
            write_wave(options.out / "teacher" / preset / f"{k:03d}.wav", true)
    (options.out / "texts.json").write_text(json.dumps(texts))


if __name__ == "__main__":
    main()
