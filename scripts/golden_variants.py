"""Makes folders of goldens over other shapes of Bark with the real transformers, for `npm run conformance`.

    python scripts/golden_variants.py <out> [--voices folder] [--only name ...]

<out>     gets a folder a variant: a whole checkpoint of noise (configs, weights, made-up voices) and what the
          reference says with it, in the format of scripts/golden.py
--voices  a folder of suno's .npz voices: variants with Bark's true vocabularies then speak with presets of six
          languages, else with made-up voices
--only    names of the variants to make

Variants differ in widths, heads, layers, bias, tied heads, vocabularies, windows, codec, file format and seed. The
noise has a plan: the semantic end token grows likelier with every position, so that rows of a batch end apart.
Every choice of every stage must be clear: a case in which the best two scores lie within GAP is made anew
from another text, so that a difference in the order of sums can't change it.

Then: for d in <out>/*/; do npm run conformance -- "$d" [--voices folder] || break; done
"""

import argparse
import json
import os
import types

import golden
import numpy as np
import torch
import transformers
from transformers import BarkConfig, BarkModel
from transformers.models.bark import modeling_bark

# the best score must lead by this much; float32 sums of these sizes agree to about 1e-6
GAP = 2e-6
ATTEMPTS = 12
# frames of padding hardly hear the text, so a tie there stays: then the weights are drawn anew
SEEDS = 10
LANGUAGES = ["v2/de_speaker_3", "v2/fr_speaker_1", "v2/ja_speaker_4", "v2/zh_speaker_5", "v2/ru_speaker_2", "v2/hi_speaker_7"]
MADE_UP = ["made/long", "made/short", "made/odd"]

TRUE = {
    "semantic": {"semantic_vocab_size": 10_000, "eos_token_id": 10_000, "text_encoding_offset": 10_048, "text_pad_token": 129_595, "semantic_infer_token": 129_599},
    "coarse": {"coarse_semantic_pad_token": 12_048, "coarse_infer_token": 12_050},
    "inputs": (129_600, 12_096, 1_056),
    "outputs": (10_048, 12_096, 1_056),
    "codebook_size": 1_024,
    "texts": 119_547,
}


def small(semantic, texts, codebook):
    """Vocabularies of their own: `semantic` tokens, `texts` words, `codebook` codes, and a few ids that mean nothing."""
    offset = semantic + 12
    coarse_pad = semantic + 2 * codebook
    return {
        "semantic": {"semantic_vocab_size": semantic, "eos_token_id": semantic, "text_encoding_offset": offset, "text_pad_token": offset + texts, "semantic_infer_token": offset + texts + 1},
        "coarse": {"coarse_semantic_pad_token": coarse_pad, "coarse_infer_token": coarse_pad + 2},
        "inputs": (offset + texts + 2, coarse_pad + 8, codebook + 8),
        "outputs": (offset, coarse_pad + 8, codebook + 8),
        "codebook_size": codebook,
        "texts": texts,
    }


# sizes are (layers, heads, width, bias) of the semantic, the coarse and the fine stage
VARIANTS = [
    {"name": "bias-everywhere", "seed": 1, "vocabulary": small(300, 90, 128), "sizes": [(1, 3, 24, True), (2, 2, 16, True), (3, 4, 32, True)]},
    {"name": "no-bias", "seed": 2, "vocabulary": small(500, 50, 64), "sizes": [(3, 1, 16, False), (1, 5, 20, False), (2, 2, 12, False)], "format": "bin"},
    {
        "name": "own-windows",
        "seed": 3,
        "vocabulary": small(200, 40, 256),
        "sizes": [(2, 2, 16, True), (2, 4, 16, False), (1, 2, 16, True)],
        "generation": {
            "semantic": {"max_input_semantic_length": 64},
            "coarse": {"max_coarse_input_length": 100, "max_coarse_history": 150, "sliding_window_len": 24},
            "fine": {"max_fine_history_length": 100, "max_fine_input_length": 256},
        },
        "blocks": (400, 512, 256),
    },
    {"name": "half-precision", "seed": 4, "vocabulary": small(700, 80, 512), "sizes": [(2, 4, 32, False), (3, 2, 16, True), (2, 4, 24, False)], "dtype": "float16"},
    {"name": "untied-heads", "seed": 5, "vocabulary": small(300, 90, 1_024), "sizes": [(2, 2, 16, False), (2, 2, 16, False), (2, 2, 16, True)], "tied": False, "codec": {"upsampling_ratios": [4, 5, 2], "num_residual_layers": 2, "num_lstm_layers": 1, "use_conv_shortcut": False}},
    {"name": "true-no-bias", "seed": 6, "vocabulary": TRUE, "sizes": [(2, 2, 16, False), (2, 4, 16, False), (2, 2, 16, False)], "voices": LANGUAGES[:3], "format": "bin"},
    {"name": "true-bias", "seed": 7, "vocabulary": TRUE, "sizes": [(3, 2, 20, True), (1, 2, 24, True), (3, 3, 18, True)], "voices": LANGUAGES[3:]},
    {"name": "true-mixed", "seed": 8, "vocabulary": TRUE, "sizes": [(2, 4, 32, False), (2, 1, 16, True), (1, 4, 32, False)], "voices": LANGUAGES[1:4], "generation": {"coarse": {"sliding_window_len": 40, "max_coarse_history": 300}}, "dtype": "bfloat16"},
]

# lengths of the texts of each row; `voice` is an index into the variant's voices
CASES = [
    {"name": "a_one_token", "rows": [5], "semantic_max_new_tokens": 1},
    {"name": "b_no_voice", "rows": [12], "semantic_max_new_tokens": 70},
    {"name": "c_voice", "rows": [9], "voice": 0, "semantic_max_new_tokens": 70},
    {"name": "d_batch", "rows": [4, 30, 11], "voice": 1},
    {"name": "e_batch_lengths", "rows": [25, 1, 60], "voice": 2, "return_output_lengths": True},
    {"name": "f_min_eos_p", "rows": [8], "min_eos_p": 0.01, "semantic_min_new_tokens": 2},
    {"name": "g_batch_min_eos_p", "rows": [8, 40], "voice": 0, "min_eos_p": 0.005, "semantic_min_new_tokens": 4, "return_output_lengths": True},
    {"name": "h_least_and_most", "rows": [7, 20], "voice": 1, "semantic_min_new_tokens": 90, "semantic_max_new_tokens": 91, "return_output_lengths": True},
    {"name": "i_long", "rows": [200], "voice": 2, "semantic_min_new_tokens": 320, "semantic_max_new_tokens": 320},
    {"name": "j_empty_text", "rows": [0], "semantic_min_new_tokens": 10, "semantic_max_new_tokens": 10},
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out")
    parser.add_argument("--voices")
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    # the reference's own start breaks where layer norms have no bias; everything is drawn below anyway
    modeling_bark.BarkPreTrainedModel._init_weights = lambda self, module: None
    for variant in VARIANTS:
        if not options.only or variant["name"] in options.only:
            folder = os.path.join(options.out, variant["name"])
            seeds = (variant["seed"] + 100 * again for again in range(SEEDS))
            if not any(make_variant({**variant, "seed": seed}, folder, options.voices) for seed in seeds):
                raise SystemExit(f"{variant['name']}: no clear cases with {SEEDS} seeds")


def make_variant(variant, folder, voices):
    """Whether there was a clear case of each kind; then the folder is whole."""
    os.makedirs(folder, exist_ok=True)
    write_checkpoint(variant, folder)
    names = variant.get("voices", MADE_UP) if voices is not None else MADE_UP
    write_made_up_voices(variant, folder)
    model = BarkModel.from_pretrained(folder, dtype=torch.float32).eval()
    settings = types.SimpleNamespace(checkpoint=folder, out=folder, voices=voices)

    answers = []
    for number, case in enumerate(CASES):
        for attempt in range(ATTEMPTS):
            random = np.random.default_rng([variant["seed"], number, attempt])
            call = {key: value for key, value in case.items() if key not in ("rows", "voice")}
            call["input_ids"] = [random.integers(0, variant["vocabulary"]["texts"], length).tolist() for length in case["rows"]]
            if case["rows"] == [0]:
                # there is nothing to vary but the length
                call["semantic_max_new_tokens"] += attempt
            if "voice" in case:
                call["history"] = names[case["voice"]]
            with watching(model, variant["vocabulary"]) as gaps:
                try:
                    said = golden.answer(model, None, call, settings)
                except RuntimeError as error:
                    # the reference's codec breaks where a text yields no frame at all
                    if "Kernel size" not in str(error):
                        raise
                    continue
            if min(gaps) > GAP:
                break
        else:
            print(variant["name"], case["name"], f"has ties with seed {variant['seed']}", flush=True)
            return False
        answers.append(said)
        print(variant["name"], case["name"], [sum(token != variant["vocabulary"]["semantic"]["eos_token_id"] for token in row) for row in said["expected"]["semantic"]], said["expected"]["audio_shape"], f"gap {min(gaps):.1e}, attempt {attempt}", flush=True)
    golden.write_json(os.path.join(folder, "cases.json"), answers)
    return True


def write_checkpoint(variant, folder):
    vocabulary = variant["vocabulary"]
    stages = {}
    for stage, (layers, heads, width, bias), inputs, outputs, block in zip(
        ("semantic_config", "coarse_acoustics_config", "fine_acoustics_config"),
        variant["sizes"],
        vocabulary["inputs"],
        vocabulary["outputs"],
        variant.get("blocks", (1_024, 1_024, 1_024)),
    ):
        stages[stage] = {"num_layers": layers, "num_heads": heads, "hidden_size": width, "bias": bias, "input_vocab_size": inputs, "output_vocab_size": outputs, "block_size": block}
    stages["fine_acoustics_config"]["tie_word_embeddings"] = variant.get("tied", True)
    bits = vocabulary["codebook_size"].bit_length() - 1
    codec = {"model_type": "encodec", "hidden_size": 16, "codebook_dim": 16, "num_filters": 4, "codebook_size": vocabulary["codebook_size"], **variant.get("codec", {})}
    hop = int(np.prod(codec.get("upsampling_ratios", [8, 5, 4, 2])))
    # as many kilobits as eight codebooks take
    codec["target_bandwidths"] = [8 * bits * -(-24_000 // hop) / 1_000]
    torch.manual_seed(variant["seed"])
    model = BarkModel(BarkConfig(codec_config=codec, **stages)).eval()
    with torch.no_grad():
        fill_with_noise(model, vocabulary)
    if "dtype" in variant:
        model = model.to(getattr(torch, variant["dtype"]))
    model.save_pretrained(folder, safe_serialization=variant.get("format") != "bin")
    with open(os.path.join(folder, "generation_config.json"), "w") as file:
        json.dump(generation_config(variant), file, indent=2)


def fill_with_noise(model, vocabulary):
    """Draws every weight anew, then writes the plan of the end token into the semantic stage."""
    for name, weight in model.named_parameters():
        if "layernorm" in name:
            weight.normal_(1.0 if name.endswith("weight") else 0.0, 0.1)
        elif name.startswith("codec_model"):
            if name.endswith(("bias", "original0")):
                weight.mul_(0.5)
            elif "original1" not in name and "lstm" not in name:
                weight.normal_(0.0, 0.3)
        elif "embeds" in name or "lm_head" in name:
            weight.normal_(0.0, 0.5)
        elif name.endswith("bias"):
            weight.normal_(0.0, 0.05)
        else:
            # attention that picks out few places, so that texts make a difference
            weight.normal_(0.0, (2.0 if "att_proj" in name else 0.8) / weight.shape[-1] ** 0.5)
    for layer in model.codec_model.quantizer.layers:
        layer.codebook.embed.normal_(0.0, 0.5)
    semantic = model.semantic
    end = vocabulary["semantic"]["eos_token_id"]
    width = semantic.config.hidden_size
    spoken = (torch.arange(semantic.config.block_size) - 257).clamp(min=0)
    semantic.position_embeds_layer.weight[:, 0] += 0.04 * spoken - 1.5
    semantic.lm_head.weight[:, 0] = 0.0
    semantic.lm_head.weight[end] = 0.0
    # what the best of the others may be expected to score, met when channel 0 is 1.5 after the last norm
    semantic.lm_head.weight[end, 0] = 0.5 * (2 * np.log(end) * width) ** 0.5 / 1.5


def generation_config(variant):
    """The published values where the variant has none of its own."""
    vocabulary, own = variant["vocabulary"], variant.get("generation", {})
    return {
        "model_type": "bark",
        "codebook_size": vocabulary["codebook_size"],
        "sample_rate": 24_000,
        "semantic_config": {"do_sample": True, "temperature": 0.7, "top_k": 50, "max_new_tokens": 140, "semantic_rate_hz": 49.9, "max_input_semantic_length": 256, **vocabulary["semantic"], **own.get("semantic", {})},
        "coarse_acoustics_config": {"do_sample": True, "temperature": 0.7, "top_k": 50, "coarse_rate_hz": 75, "n_coarse_codebooks": 2, "max_coarse_input_length": 256, "max_coarse_history": 630, "sliding_window_len": 60, **vocabulary["coarse"], **own.get("coarse", {})},
        "fine_acoustics_config": {"temperature": 0.5, "max_fine_history_length": 512, "max_fine_input_length": 1_024, "n_fine_codebooks": 8, **own.get("fine", {})},
    }


def write_made_up_voices(variant, folder):
    """Three voices in the hub's layout: longer and shorter than what the windows see, and of odd length."""
    vocabulary = variant["vocabulary"]
    random = np.random.default_rng(variant["seed"])
    paths = {"repo_or_path": folder}
    for name, tokens in zip(MADE_UP, (400, 30, 101)):
        frames = tokens * 3 // 2
        fine = random.integers(0, vocabulary["codebook_size"], (8, frames))
        arrays = {
            "semantic_prompt": random.integers(0, vocabulary["semantic"]["semantic_vocab_size"], tokens),
            "coarse_prompt": np.asfortranarray(fine[:2]),
            "fine_prompt": fine.astype(np.int32),
        }
        paths[name] = {}
        for key, array in arrays.items():
            paths[name][key] = f"speaker_embeddings/{name}_{key}.npy"
            os.makedirs(os.path.dirname(os.path.join(folder, paths[name][key])), exist_ok=True)
            np.save(os.path.join(folder, paths[name][key]), array)
    with open(os.path.join(folder, "speaker_embeddings_path.json"), "w") as file:
        json.dump(paths, file, indent=2)


class watching:
    """Collects by how much the best score led, over every choice that the stages made."""

    def __init__(self, model, vocabulary):
        first = vocabulary["semantic"]["semantic_vocab_size"]
        second = first + vocabulary["codebook_size"]
        self.heads = [
            (model.semantic.lm_head, lambda scores: [scores[:, -1, : first + 1]]),
            (model.coarse_acoustics.lm_head, lambda scores: [scores[:, -1, first:second], scores[:, -1, second:]]),
            *((head, lambda scores: [scores[:, :, : vocabulary["codebook_size"]]]) for head in model.fine_acoustics.lm_heads),
        ]

    def __enter__(self):
        self.gaps = [float("inf")]
        self.hooks = [head.register_forward_hook(self.watch(parts)) for head, parts in self.heads]
        return self.gaps

    def watch(self, parts):
        def look(module, inputs, scores):
            for part in parts(scores):
                best = part.topk(2, dim=-1).values
                self.gaps.append((best[..., 0] - best[..., 1]).min().item())

        return look

    def __exit__(self, *_):
        for hook in self.hooks:
            hook.remove()


if __name__ == "__main__":
    main()
