"""Between steps: where sound is lost, link by link, for held-out sentences of the teacher.

Usage: python check_acoustic.py CHECKPOINT OUT [--links books fine coarse] [--sentences 12], then
       python evaluate.py recognise OUT/<link>

books:  the teacher's codes of codebooks 0 and 1, the others silent -> codec
fine:   the teacher's codes of codebooks 0 and 1 -> fine model -> codec
coarse: the teacher's semantic tokens -> coarse model -> fine model -> codec; prints how far the envelopes lie from
        the teacher's (distance of the codebook's cepstra, in dB) beside what quantisation alone costs
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from transformers import BarkModel, BarkProcessor
from transformers.models.bark.generation_configuration_bark import (
    BarkCoarseGenerationConfig, BarkFineGenerationConfig, BarkSemanticGenerationConfig,
)  # fmt: skip

from codec_features import CEPSTRA, analyse, waveform
from evaluate import VOICE_OF, write_wave
from sentences import IDENTIFICATION
from teacher import Teacher
from train_codebooks import encode_features
from vocabulary import SEMANTIC_END, semantic_tokens

TO_DECIBELS = 4.0 * 10 / np.log(10) / np.sqrt(48)  # cepstra are DCTs over 48 bands, divided by 4


class Links:
    def __init__(self, checkpoint, temperature):
        self.model = BarkModel.from_pretrained(checkpoint, dtype=torch.float32).eval()
        self.processor = BarkProcessor.from_pretrained(checkpoint)
        config = self.model.generation_config
        self.semantic = BarkSemanticGenerationConfig(**config.semantic_config)
        self.coarse = BarkCoarseGenerationConfig(**config.coarse_acoustics_config)
        self.fine = BarkFineGenerationConfig(**config.fine_acoustics_config)
        self.coarse.do_sample, self.coarse.temperature = temperature > 0, temperature or 1.0
        self.books = self.model.codec_model.quantizer
        self.tables = np.stack([layer.codebook.embed.numpy() for layer in self.books.layers[:8]])
        self.offset = np.array([SEMANTIC_END, SEMANTIC_END + 1024])

    def sound(self, codes):
        z = sum(torch.from_numpy(self.tables[q])[codes[q]] for q in range(len(codes)))
        return self.model.codec_model.decoder(z.T[None])[0, 0].numpy()

    def from_semantic(self, rows, history):
        """Codes [frames, 2] of each row of semantic tokens."""
        count = max(map(len, rows))
        tokens = torch.full((len(rows), count), SEMANTIC_END)
        for k, row in enumerate(rows):
            tokens[k, : len(row)] = torch.from_numpy(row)
        made, lengths = self.model.coarse_acoustics.generate(
            tokens, self.semantic, self.coarse, codebook_size=1024, history_prompt=history, return_output_lengths=True
        )
        return [(m[:length].view(-1, 2).numpy() - self.offset) % 1024 for m, length in zip(made, lengths)]

    def refined(self, codes, history):
        flat = torch.from_numpy((codes + self.offset).reshape(1, -1))
        return self.model.fine_acoustics.generate(
            flat, self.semantic, self.coarse, self.fine, codebook_size=1024, history_prompt=history, temperature=self.fine.temperature
        )[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--links", nargs="+", default=["books", "fine", "coarse"])
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--voices", nargs="+", default=list(VOICE_OF))
    parser.add_argument("--temperature", type=float, default=0.5, help="of the coarse model; 0 is greedy")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    torch.set_grad_enabled(False)
    links, teacher, texts = Links(options.checkpoint, options.temperature), Teacher(), IDENTIFICATION[: options.sentences]
    for preset in options.voices:
        history = links.processor("x", voice_preset=preset)["history_prompt"]
        spoken = [teacher.speak(text, VOICE_OF[preset]) for text in texts]
        analysed = [analyse(waveform(u), u.pitch, u.pitch_step) for u in spoken]
        true = [encode_features(*a, links.tables)[0] for a in analysed]
        made = links.from_semantic([semantic_tokens(u)[0] for u in spoken], history) if "coarse" in options.links else true
        distances = []
        for k, (u, (features, pitch, _), codes) in enumerate(zip(spoken, analysed, true)):
            sounds = {"teacher": waveform(u)}
            if "books" in options.links:
                sounds["books"] = links.sound(codes.T[:2])
            if "fine" in options.links:
                sounds["fine"] = links.sound(links.refined(codes[:, :2], history))
            if "coarse" in options.links:
                sounds["coarse"] = links.sound(links.refined(made[k], history))
                count = min(len(made[k]), len(codes))
                away = lambda c: np.sqrt(((links.tables[0][c[:count, 0], 1:CEPSTRA] - features[:count, 1:CEPSTRA]) ** 2).sum(1)).mean()
                voicing = ((made[k][:count, 1] < 992) == (pitch[:count] > 0)).mean()
                distances.append((away(made[k]), away(codes), voicing))
            for link in options.links:
                write_wave(options.out / link / preset / f"{k:03d}.wav", sounds[link])
                write_wave(options.out / link / "teacher" / preset / f"{k:03d}.wav", sounds["teacher"])
        if distances:
            mean = np.mean(distances, 0)
            print(f"{preset}: envelopes {mean[0] * TO_DECIBELS:.2f} dB from the teacher's (quantised {mean[1] * TO_DECIBELS:.2f} dB), voicing right {mean[2]:.1%}", flush=True)
    for link in options.links:
        (options.out / link / "texts.json").write_text(json.dumps(texts))


if __name__ == "__main__":
    main()
