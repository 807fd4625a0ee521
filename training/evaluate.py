"""Step 9: measures a checkpoint with the public transformers library and an independent recogniser.

Usage: python evaluate.py all CHECKPOINT OUT [--sentences 50] [--batch 25]     all of the following
       python evaluate.py speak CHECKPOINT OUT
       python evaluate.py recognise OUT          identification and word errors, beside the teacher's
       python evaluate.py health OUT             endings, lengths, silence, clipping, pitch

`speak` writes OUT/<voice>/<number>.wav and OUT/teacher/<voice>/<number>.wav: the sentences that are recognised, then
a third as many varied ones (numbers, names, cues, long sentences) for `health`.
"""

import argparse
import json
import time
import wave
from math import gcd
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from sentences import IDENTIFICATION, VARIED

VOICE_OF = {"en_speaker_0": "slt", "en_speaker_1": "rms", "en_speaker_2": "awb"}


def write_wave(path, samples, rate=24000):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def read_wave(path):
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768, file.getframerate()


def texts(options):
    return IDENTIFICATION[: options.sentences] + VARIED[:: 3][: (options.sentences + 2) // 3]


def speak(options):
    import torch
    from transformers import BarkModel, BarkProcessor

    from codec_features import waveform
    from teacher import Teacher

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    processor, model = BarkProcessor.from_pretrained(options.checkpoint), BarkModel.from_pretrained(options.checkpoint, dtype=torch.float32).eval()
    teacher = Teacher()
    chosen = texts(options)
    for preset in options.voices:
        ended = {}
        began, made = time.time(), 0
        for at in range(0, len(chosen), options.batch):
            group = chosen[at : at + options.batch]
            inputs = processor(group, voice_preset=preset)
            extra = dict(do_sample=False, fine_temperature=1.0) if options.greedy else {}
            for stage, value in (("semantic_temperature", options.semantic_temperature), ("coarse_temperature", options.coarse_temperature), ("fine_temperature", options.fine_temperature)):
                if value is not None:
                    extra[stage] = value
            with torch.no_grad():
                audio, lengths = model.generate(**inputs, return_output_lengths=True, **extra)
            for k, length in enumerate(lengths):
                write_wave(options.out / preset / f"{at + k:03d}.wav", audio[k, :length].float().numpy())
                ended[f"{at + k:03d}"] = bool(length < 768 * 1.5 * 320)
                made += length / 24000
        (options.out / preset / "ended.json").write_text(json.dumps(ended))
        print(f"{preset}: {made:.1f} s of speech in {time.time() - began:.1f} s", flush=True)
        for k, text in enumerate(chosen):
            path = options.out / "teacher" / preset / f"{k:03d}.wav"
            if not path.exists():
                write_wave(path, waveform(teacher.speak(text, VOICE_OF[preset])))
    (options.out / "texts.json").write_text(json.dumps(chosen))


def words_of(text):
    import re

    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def errors(said, heard):
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def sixteen_bits(path):
    samples, rate = read_wave(path)
    divisor = gcd(16000, rate)
    samples = resample_poly(samples, 16000 // divisor, rate // divisor)
    quiet = np.random.default_rng(1).normal(0, 1e-4, 3200).astype(np.float32)
    samples = np.concatenate([quiet, samples + np.resize(quiet, len(samples)), quiet])
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def recognise(options):
    from pocketsphinx import Decoder

    spoken = json.loads((options.out / "texts.json").read_text())
    chosen = [text for text in spoken if text in IDENTIFICATION]
    grammar = "#JSGF V1.0;\ngrammar s;\npublic <s> = " + " | ".join(" ".join(words_of(t)) for t in chosen) + ";\n"
    (options.out / "s.gram").write_text(grammar)
    closed = Decoder(jsgf=str(options.out / "s.gram"), loglevel="FATAL")
    free = Decoder(loglevel="FATAL")

    def hear(decoder, sound):
        decoder.start_utt(), decoder.process_raw(sound, full_utt=True), decoder.end_utt()
        return words_of(decoder.hyp().hypstr) if decoder.hyp() else []

    for preset in options.voices:
        results = {}
        kept = options.out / "teacher" / f"{preset}.json"
        for who, place in (("teacher", options.out / "teacher" / preset), ("model", options.out / preset)):
            if who == "teacher" and kept.exists() and json.loads(kept.read_text())["sentences"] == len(chosen):
                results[who] = json.loads(kept.read_text())["result"]
                continue
            found = wrong = total = 0
            misses = []
            for k, text in enumerate(chosen):
                sound = sixteen_bits(place / f"{k:03d}.wav")
                said = words_of(text)
                hit = hear(closed, sound) == said
                found += hit
                heard = hear(free, sound)
                wrong, total = wrong + errors(said, heard), total + len(said)
                misses += [] if hit else [(text, " ".join(heard))]
            results[who] = (found / len(chosen), wrong / total)
            if who == "teacher":
                kept.write_text(json.dumps({"sentences": len(chosen), "result": results[who]}))
            if options.verbose and who == "model":
                for miss in misses:
                    print("   missed:", *miss, sep=" | ")
        print(f"{preset}: identified {results['model'][0]:.0%} (teacher {results['teacher'][0]:.0%}), word errors {results['model'][1]:.1%} (teacher {results['teacher'][1]:.1%})", flush=True)


def pitch_median(samples, rate):
    """Median fundamental of voiced frames by autocorrelation, Hz."""
    size, hop = int(0.04 * rate), int(0.01 * rate)
    low, high = int(rate / 320), int(rate / 65)
    found = []
    for at in range(0, len(samples) - 2 * size, hop):
        frame = samples[at : at + size] - samples[at : at + size].mean()
        if frame.std() < 0.02:
            continue
        spectrum = np.abs(np.fft.rfft(frame * np.hanning(size), 2 * size)) ** 2
        curve = np.fft.irfft(spectrum)[:size]
        curve = curve / curve[0] / np.linspace(1, 0.3, size)
        best = low + int(np.argmax(curve[low:high]))
        if curve[best] > 0.5:
            found.append(rate / best)
    return float(np.median(found)) if found else 0.0


def health(options):
    good, total, ratios = 0, 0, []
    for preset in options.voices:
        ended = json.loads((options.out / preset / "ended.json").read_text())
        pitches = {"model": [], "teacher": []}
        for path in sorted((options.out / preset).glob("*.wav")):
            mine, rate = read_wave(path)
            theirs, _ = read_wave(options.out / "teacher" / preset / path.name)
            ratio = len(mine) / len(theirs)
            ratios.append(ratio)
            loud, clipped = float(np.sqrt((mine**2).mean())), float((np.abs(mine) > 0.999).mean())
            fine = ended[path.stem] and 0.6 < ratio < 1.6 and loud > 0.01 and clipped < 0.001
            if not fine:
                print(f"   {preset}/{path.stem}: length {ratio:.2f} of the teacher's, loudness {loud:.3f}, clipped {clipped:.4f}")
            good, total = good + fine, total + 1
            if len(pitches["model"]) < 20:
                pitches["model"].append(pitch_median(mine, rate)), pitches["teacher"].append(pitch_median(theirs, rate))
        a, b = np.median(pitches["model"]), np.median(pitches["teacher"])
        print(f"{preset}: pitch {a:.0f} Hz, teacher {b:.0f} Hz ({a / b - 1:+.1%})", flush=True)
    print(f"{good} of {total} clips ended by themselves at a plausible length, neither silent nor clipped; median length {np.median(ratios):.2f} of the teacher's")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["all", "speak", "recognise", "health"])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--voices", nargs="+", default=list(VOICE_OF))
    parser.add_argument("--batch", type=int, default=25)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--greedy", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    for stage in ("semantic", "coarse", "fine"):
        parser.add_argument(f"--{stage}-temperature", type=float)
    options = parser.parse_args()
    options.out = options.paths[-1]
    options.checkpoint = options.paths[0]
    steps = {"speak": speak, "recognise": recognise, "health": health}
    for name in steps if options.action == "all" else [options.action]:
        steps[name](options)


if __name__ == "__main__":
    main()
