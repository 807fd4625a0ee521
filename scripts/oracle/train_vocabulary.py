"""Trains a cased WordPiece vocabulary with Hugging Face's tokenizers, laid out as Bark's own.

    pip install tokenizers==0.22.2
    python train_vocabulary.py <corpus.txt> <vocab.txt> <size>

The special tokens have the ids of the published vocabulary: [PAD] 0, [UNK] 100, [CLS] 101, [SEP] 102,
[MASK] 103, and unused pieces between. The same corpus and version give the same pieces.
"""

import os
import pathlib
import sys

# one thread: no race decides between pieces that are equally frequent
os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers  # noqa: E402

FIRST = ["[PAD]"] + [f"[unused{i}]" for i in range(1, 100)] + ["[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def continuations(tokenizer, lines):
    characters = set()
    for line in lines:
        normal = tokenizer.normalizer.normalize_str(line)
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal):
            characters.update(word[1:])
    return [f"##{character}" for character in sorted(characters)]


def main(corpus, vocabulary, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=False
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    lines = pathlib.Path(corpus).read_text("utf-8").split("\n")
    # else these get their ids in the order of a hash map, and ids decide between equally frequent pieces
    first = FIRST + continuations(tokenizer, lines)
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=2, special_tokens=first, show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    if [i for _, i in pieces] != list(range(len(pieces))):
        sys.exit("The ids of the trained vocabulary have holes.")
    text = "".join(f"{piece}\n" for piece, _ in pieces)
    pathlib.Path(vocabulary).write_text(text, "utf-8")


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
