"""Step 8: writes the checkpoint folder in the hub's layout: configs, weights in fp16, tokenizer, voices.

Usage: python export.py TARGET_FOLDER
"""

import argparse
import json
import pickle
import random
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import BertWordPieceTokenizer
from transformers import EncodecModel

from data_acoustic import SLOTS
from make_tokens import VOICE_INDEX
from paths import folder
from train_acoustic import FINE_ROWS, build as build_acoustic
from train_codec import configuration
from train_semantic import build as build_semantic
from vocabulary import (
    COARSE_INFER, COARSE_PAD, COARSE_TOKENS, FRAME_RATE, PIECES, SEMANTIC_END, SEMANTIC_INFER, SEMANTIC_INPUTS,
    SEMANTIC_OUTPUTS, SEMANTIC_RATE, SEMANTIC_VOCABULARY, SPECIAL, TEXT_OFFSET, TEXT_PAD, TEXT_SLOTS,
)  # fmt: skip

PRESETS = {"en_speaker_0": "slt", "en_speaker_1": "rms", "en_speaker_2": "awb"}
PRESET_TOKENS = (60, 80)
SEMANTIC_SAMPLING = dict(do_sample=True, temperature=0.25, top_k=20)
COARSE_SAMPLING = dict(do_sample=True, temperature=0.3, top_k=50)
FINE_TEMPERATURE = 0.3


def trained(model, name):
    model.load_state_dict(torch.load(folder("checkpoints") / f"{name}.pt", weights_only=True)["model"])
    return model.eval()


def codec():
    model = EncodecModel(configuration())
    state = torch.load(folder("checkpoints") / "codec.pt", weights_only=True)["model"]
    model.decoder.load_state_dict({k[8:]: v for k, v in state.items() if k.startswith("decoder.")})
    encoder = folder("checkpoints") / "encoder.pt"
    if encoder.exists():
        model.encoder.load_state_dict(torch.load(encoder, weights_only=True)["model"])
    books = torch.from_numpy(np.load(folder("codec") / "codebooks.npz")["books"])
    for q, layer in enumerate(model.quantizer.layers):
        layer.codebook.embed.copy_(books[q])
        layer.codebook.embed_avg.copy_(books[q])
        layer.codebook.cluster_size.fill_(1)
    return model


def gpt_config(kind, shape, inputs, outputs):
    return {
        "model_type": kind, "num_layers": shape["layers"], "num_heads": shape["heads"], "hidden_size": shape["width"],
        "block_size": 1024, "bias": False, "dropout": 0.0, "initializer_range": 0.02, "use_cache": True,
        "input_vocab_size": inputs, "output_vocab_size": outputs,
    }  # fmt: skip


def write_json(path, content):
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_weights(target):
    semantic, coarse, fine = trained(build_semantic(), "semantic"), trained(build_acoustic("coarse"), "coarse"), trained(build_acoustic("fine"), "fine")
    tensors = {}
    for prefix, state in (
        ("semantic", semantic.export_tensors()), ("coarse_acoustics", coarse.export_tensors()),
        ("fine_acoustics", fine.export_tensors()), ("codec_model", codec().state_dict()),
    ):  # fmt: skip
        for name, tensor in state.items():
            if ".lm_heads." in f".{name}":
                continue  # tied: the input tables are enough
            tensors[f"{prefix}.{name}"] = tensor.detach().to(torch.float16).contiguous().clone()
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    encodec = configuration()
    codec_config = {
        "model_type": "encodec", "sampling_rate": 24000, "audio_channels": 1, "normalize": False, "chunk_length_s": None,
        "overlap": None, "hidden_size": encodec.hidden_size, "codebook_dim": encodec.codebook_dim, "codebook_size": 1024,
        "num_filters": encodec.num_filters, "num_residual_layers": 1, "upsampling_ratios": [8, 5, 4, 2],
        "norm_type": "weight_norm", "kernel_size": 7, "last_kernel_size": 7, "residual_kernel_size": 3,
        "dilation_growth_rate": 2, "use_causal_conv": True, "pad_mode": "reflect", "compress": 2,
        "num_lstm_layers": encodec.num_lstm_layers, "trim_right_ratio": 1.0, "use_conv_shortcut": True,
        "target_bandwidths": encodec.target_bandwidths,
    }  # fmt: skip
    fine_config = gpt_config("fine_acoustics", fine.shape, FINE_ROWS, FINE_ROWS)
    write_json(target / "config.json", {
        "architectures": ["BarkModel"], "model_type": "bark", "initializer_range": 0.02, "torch_dtype": "float16",
        "semantic_config": gpt_config("semantic", semantic.shape, SEMANTIC_INPUTS, SEMANTIC_OUTPUTS),
        "coarse_acoustics_config": gpt_config("coarse_acoustics", coarse.shape, COARSE_TOKENS, COARSE_TOKENS),
        "fine_acoustics_config": {**fine_config, "n_codes_total": 8, "n_codes_given": 1, "tie_word_embeddings": True},
        "codec_config": codec_config,
    })  # fmt: skip


def write_generation(target):
    common = {"top_p": 1.0, "typical_p": 1.0, "num_beams": 1, "pad_token_id": None, "bos_token_id": None, "use_cache": True}
    write_json(target / "generation_config.json", {
        "model_type": "bark", "codebook_size": 1024, "sample_rate": 24000,
        "semantic_config": {
            **common, **SEMANTIC_SAMPLING, "model_type": "semantic", "renormalize_logits": True, "max_new_tokens": 768,
            "eos_token_id": SEMANTIC_END, "semantic_pad_token": SEMANTIC_END, "semantic_vocab_size": SEMANTIC_VOCABULARY,
            "text_encoding_offset": TEXT_OFFSET, "text_pad_token": TEXT_PAD, "semantic_infer_token": SEMANTIC_INFER,
            "max_input_semantic_length": TEXT_SLOTS, "semantic_rate_hz": SEMANTIC_RATE,
        },
        "coarse_acoustics_config": {
            **common, **COARSE_SAMPLING, "model_type": "coarse_acoustics", "renormalize_logits": True, "eos_token_id": None,
            "coarse_semantic_pad_token": COARSE_PAD, "coarse_infer_token": COARSE_INFER, "coarse_rate_hz": FRAME_RATE,
            "n_coarse_codebooks": 2, "max_coarse_input_length": SLOTS, "max_coarse_history": 630, "sliding_window_len": 60,
        },
        "fine_acoustics_config": {
            "model_type": "fine_acoustics", "temperature": FINE_TEMPERATURE, "max_fine_history_length": 512,
            "max_fine_input_length": 1024, "n_fine_codebooks": 8,
        },
    })  # fmt: skip


def write_tokenizer(target):
    (target / "vocab.txt").write_text("".join(row[0] + "\n" for row in PIECES), encoding="utf8")
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL))
    write_json(target / "special_tokens_map.json", names)
    write_json(target / "tokenizer_config.json", {
        **names, "clean_up_tokenization_spaces": True, "do_lower_case": False, "model_max_length": 512,
        "processor_class": "BarkProcessor", "strip_accents": None, "tokenize_chinese_chars": True,
        "tokenizer_class": "BertTokenizer",
    })  # fmt: skip
    tokenizer = BertWordPieceTokenizer(str(target / "vocab.txt"), lowercase=False, strip_accents=None, handle_chinese_chars=True)
    tokenizer.save(str(target / "tokenizer.json"))


def write_voices(target, seed):
    rng = random.Random(seed)
    rows = pickle.load(open(sorted(folder("codes").glob("shard*.pickle"))[0], "rb"))
    index = {}
    place = target / "speaker_embeddings"
    place.mkdir(exist_ok=True)
    for preset, voice in PRESETS.items():
        fitting = [r for r in rows if r[0] == VOICE_INDEX[voice] and PRESET_TOKENS[0] <= len(r[1]) <= PRESET_TOKENS[1]]
        _, tokens, codes = rng.choice(fitting)
        arrays = {"semantic_prompt": tokens.astype(np.int64), "coarse_prompt": codes[:, :2].T.astype(np.int64), "fine_prompt": codes.T.astype(np.int64)}
        index[preset] = {}
        for key, array in arrays.items():
            name = f"speaker_embeddings/{preset}_{key}.npy"
            np.save(target / name, np.ascontiguousarray(array))
            index[preset][key] = name
    write_json(target / "speaker_embeddings_path.json", {"repo_or_path": "bark-nano", **index})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    write_weights(options.target)
    write_generation(options.target)
    write_tokenizer(options.target)
    write_voices(options.target, options.seed)
    size = sum(p.stat().st_size for p in options.target.rglob("*") if p.is_file())
    print(f"{options.target}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
