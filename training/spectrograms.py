"""Step 10: one picture with the spectrograms of three sentences, the model's above the teacher's.

Usage: python spectrograms.py OUT TARGET_FOLDER   (OUT as written by evaluate.py speak)
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from evaluate import read_wave

CHOSEN = [("en_speaker_0", 5), ("en_speaker_1", 17), ("en_speaker_2", 40)]


def main():
    out, target = Path(sys.argv[1]), Path(sys.argv[2])
    texts = json.loads((out / "texts.json").read_text())
    figure, axes = plt.subplots(2, len(CHOSEN), figsize=(13, 5.2), constrained_layout=True)
    for column, (preset, k) in enumerate(CHOSEN):
        for row, (name, place) in enumerate((("bark-nano", out / preset), ("teacher", out / "teacher" / preset))):
            samples, rate = read_wave(place / f"{k:03d}.wav")
            axes[row, column].specgram(samples + 1e-6, NFFT=640, noverlap=480, Fs=rate, vmin=-130, vmax=-45, cmap="magma")
            axes[row, column].set_ylim(0, 8000)
            axes[row, column].set_title(f"{name}, {preset}: {texts[k]}" if row == 0 else name, fontsize=8)
    figure.savefig(target / "spectrograms.png", dpi=70)


if __name__ == "__main__":
    main()
