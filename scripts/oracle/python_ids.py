"""Tokenizes a JSON array of texts from standard input with Hugging Face's tokenizers.

    pip install tokenizers==0.22.2
    python python_ids.py <vocab.txt> < texts.json > ids.json

It is the fast BERT tokenizer, cased, as transformers makes it of a vocab.txt; no [CLS] and [SEP].
"""

import json
import pathlib
import sys

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def main(vocabulary):
    pieces = pathlib.Path(vocabulary).read_text("utf-8").removesuffix("\n").split("\n")
    tokenizer = Tokenizer(
        models.WordPiece(
            {piece: i for i, piece in enumerate(pieces)},
            unk_token="[UNK]",
            max_input_chars_per_word=100,
        )
    )
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=False
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIALS])
    texts = json.load(sys.stdin)
    ids = [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
    json.dump({"version": tokenizers.__version__, "ids": ids}, sys.stdout)


main(sys.argv[1])
