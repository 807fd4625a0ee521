"""Asks the reference which codes it makes of a recording, and writes it down for the codec encoder's tests.

    python scripts/codec-golden.py <out> [--checkpoint folder]

<out>         gets recording.wav, and for each codec a folder with config.json, model.safetensors (the
              encoder and 8 codebooks, float16) and codes.json: the codes of the recording's first samples,
              for several lengths, and README.md (versions, command)
--checkpoint  a folder that transformers' BarkModel loads and that has an encoder: then <out> gets
              recording.wav and codes.json for it alone

Needs transformers 4.57 (with the huggingface-hub it asks for), torch, numpy and safetensors. Weights come from
a seed and are rounded to float16 before the reference sees them; it computes in float32 on one thread.
`gap` in codes.json is the smallest difference between the nearest and the second nearest entry of a codebook,
relative to the square of the vector: far above float32's 1e-7, so that a sum in another order changes no code.
"""

import argparse
import json
import math
import os
import platform
import sys
import wave

import numpy as np
import safetensors.torch
import torch
import transformers
from transformers import BarkModel, EncodecConfig, EncodecModel

SAMPLE_RATE = 24_000
SECONDS = 1
CODEBOOKS = 8
SMALLEST_GAP = 3e-5

CODECS = {
    # the layers of the published codec, narrow
    "published-layers": {
        "config": {"num_filters": 2, "hidden_size": 8, "codebook_dim": 8, "codebook_size": 256},
        "lengths": [1, 2, 319, 320, 321, 1_000, 2_561, 24_000],
        "prefix": "codec_model.",
        "old_names": True,
    },
    # everything that a config may say otherwise
    "other-layers": {
        "config": {
            "num_filters": 6,
            "hidden_size": 10,
            "codebook_dim": 10,
            "codebook_size": 64,
            "upsampling_ratios": [3, 5],
            "num_residual_layers": 2,
            "kernel_size": 4,
            "last_kernel_size": 5,
            "residual_kernel_size": 4,
            "dilation_growth_rate": 3,
            "compress": 3,
            "num_lstm_layers": 1,
            "use_conv_shortcut": False,
        },
        "lengths": [1, 4, 5, 14, 15, 16, 31, 77, 1_501],
        "prefix": "",
        "old_names": False,
    },
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out")
    parser.add_argument("--checkpoint")
    options = parser.parse_args()

    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    os.makedirs(options.out, exist_ok=True)
    recording = write_recording(os.path.join(options.out, "recording.wav"))
    with torch.no_grad():
        if options.checkpoint is not None:
            codec = BarkModel.from_pretrained(options.checkpoint).codec_model.eval()
            write_codes(codec, recording, CODECS["published-layers"]["lengths"], options.out)
            return
        for name, codec in CODECS.items():
            make_codec(name, codec, recording, os.path.join(options.out, name))
    with open(os.path.join(options.out, "README.md"), "w") as file:
        file.write(readme())


def write_recording(path):
    """Something like a voice: harmonics of a gliding pitch under a syllable's envelope, and some noise."""
    random = np.random.default_rng(24)
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(140 + 40 * np.sin(5 * time)) / SAMPLE_RATE
    voice = sum(np.sin(k * phase + k * k) / k**1.2 for k in range(1, 25))
    envelope = 0.15 + np.sin(2 * np.pi * 3 * time) ** 2
    samples = 0.16 * voice * envelope + 0.02 * random.standard_normal(time.shape)
    integers = np.clip(np.round(samples * 32_768), -32_768, 32_767).astype("<i2")
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(integers.tobytes())
    return torch.from_numpy(integers.astype(np.float32) / 32_768)


def make_codec(name, said, recording, out):
    """The first seed whose codes leave a gap that float32 can not close."""
    os.makedirs(out, exist_ok=True)
    hop = math.prod(said["config"].get("upsampling_ratios", [8, 5, 4, 2]))
    frame_rate = math.ceil(SAMPLE_RATE / hop)
    # as many bits as 8 codebooks of this size need, and room for them in the list
    bandwidth = CODEBOOKS * math.log2(said["config"]["codebook_size"]) * frame_rate / 1_000
    highest = max(bandwidth, (CODEBOOKS + 1) * frame_rate * 10 / 1_000)
    config = EncodecConfig(**said["config"], target_bandwidths=[bandwidth, highest])
    for seed in range(1_000):
        torch.manual_seed(seed)
        codec = EncodecModel(config).eval()
        shake(codec, recording)
        answers = [answer(codec, recording[:length], bandwidth) for length in said["lengths"]]
        gap = min(one["gap"] for one in answers)
        if gap >= SMALLEST_GAP:
            break
    else:
        sys.exit(f"{name}: no seed leaves a gap of {SMALLEST_GAP}")
    print(name, "seed", seed, "gap", gap, "codes in use", len({c for a in answers for row in a["codes"] for c in row}))
    write_json(os.path.join(out, "codes.json"), answers)
    tensors = {}
    for key, tensor in codec.state_dict().items():
        is_codebook = key.endswith(".codebook.embed") and int(key.split(".")[2]) < CODEBOOKS
        if not (key.startswith("encoder.") or is_codebook):
            continue
        if said["old_names"]:
            key = key.replace("parametrizations.weight.original0", "weight_g")
            key = key.replace("parametrizations.weight.original1", "weight_v")
        tensors[said["prefix"] + key] = tensor.to(torch.float16).contiguous()
    safetensors.torch.save_file(tensors, os.path.join(out, "model.safetensors"))
    with open(os.path.join(out, "config.json"), "w") as file:
        json.dump({"model_type": "bark", "codec_config": said["config"]}, file, indent=2)
        file.write("\n")


def shake(codec, recording):
    """Biases that are not zero, float16 values, and codebooks as large as what they are to describe."""
    for key, tensor in codec.state_dict().items():
        if key.endswith("bias") or "bias_" in key:
            tensor.normal_(0, 0.1)
        tensor.copy_(tensor.to(torch.float16).float())
    latent = codec.encoder(recording[None, None])[0]
    center, scale = latent.mean(1), latent.std(1)
    for q, layer in enumerate(codec.quantizer.layers[:CODEBOOKS]):
        embed = layer.codebook.embed
        embed.normal_().mul_(scale * 0.75**q)
        if q == 0:
            embed.add_(center)
        embed.copy_(embed.to(torch.float16).float())


def write_codes(codec, recording, lengths, out):
    answers = [answer(codec, recording[:length], 6.0) for length in lengths]
    print("gap", min(one["gap"] for one in answers))
    write_json(os.path.join(out, "codes.json"), answers)


def answer(codec, samples, bandwidth):
    codes = codec.encode(samples[None, None], bandwidth=bandwidth).audio_codes[0, 0]
    residual = codec.encoder(samples[None, None])[0].T.double()
    gap = math.inf
    for layer, indices in zip(codec.quantizer.layers, codes, strict=False):
        embed = layer.codebook.embed.double()
        nearest = torch.cdist(residual, embed).square().topk(2, largest=False).values
        gap = min(gap, ((nearest[:, 1] - nearest[:, 0]) / residual.square().sum(1)).min().item())
        residual = residual - embed[indices]
    assert codes.shape[0] == CODEBOOKS
    return {"samples": len(samples), "gap": gap, "codes": codes.tolist()}


def write_json(path, answers):
    """One length a line, so that a change shows which it touches."""
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in answers)
    with open(path, "w") as file:
        file.write(f"[\n{lines}\n]\n")


def readme():
    return f"""# Which codes the reference makes of a recording

Made by `python scripts/codec-golden.py <this folder>`: transformers {transformers.__version__}, torch {torch.__version__}, numpy {np.__version__},
Python {platform.python_version()}, float32, one thread.

`recording.wav` is {SECONDS} s of 16-bit mono at 24 kHz. Each folder is a codec of its own: `codes.json` has the codes, [8, frames],
of the first `samples` samples; they are to be met exactly. One codec has the layers of the published one and its old
names of weights; the other has another value for every field of the config, and torch's present names without a prefix.
"""


if __name__ == "__main__":
    sys.exit(main())
