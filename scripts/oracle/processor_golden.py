"""Prints what transformers' BarkProcessor makes of some texts and options, and what it refuses.

    pip install transformers==4.57.6 tokenizers==0.22.2 numpy
    python scripts/oracle/processor_golden.py models/bark-tiny > tests/fixtures/oracle/processor.json
"""

import json
import sys

import transformers
from transformers import BarkProcessor

VOICE = "v2/en_speaker_0"

CASES = [
    ("Hello [laughs] world", {}),
    (["Hello", "Guten Morgen, Welt!", ""], {"max_length": 24}),
    ("a " * 300, {}),
    (["a " * 300, "b " * 300], {}),
    (["a " * 300, "b"], {"truncation": True}),
    ("Hi [PAD] a", {"max_length": 9, "add_special_tokens": True, "return_special_tokens_mask": True}),
    ("a b c d e", {"max_length": 4, "truncation": True, "add_special_tokens": True}),
    ("a b c d e", {"max_length": 2, "truncation": True, "add_special_tokens": True}),
    ("a b", {"max_length": 5, "padding_side": "left", "return_special_tokens_mask": True}),
    ("a b", {"max_length": 5, "pad_to_multiple_of": 4, "return_length": True}),
    ("a b c", {"max_length": 2, "return_length": True}),
    ("a", {"max_length": 3, "return_token_type_ids": True, "return_attention_mask": False}),
    (["Hi you", "[PAD] a"], {"max_length": 9, "is_split_into_words": True}),
    ([["Hi you"], ["[PAD]", "a"]], {"max_length": 6, "is_split_into_words": True}),
    ("", {"max_length": 3, "add_special_tokens": True, "return_special_tokens_mask": True}),
]

REFUSED = [
    (None, {}),
    (3, {}),
    ([], {}),
    ("a", {"no_such_option": 1}),
    ("a b", {"max_length": 5, "pad_to_multiple_of": 4, "truncation": True}),
    ("a", {"voice_preset": "nobody"}),
    ("a", {"voice_preset": "repo_or_path"}),
    ("a", {"voice_preset": {}}),
    ("a", {"voice_preset": {"semantic_prompt": [1], "coarse_prompt": [1], "fine_prompt": [1]}}),
    ("a", {"voice_preset": 3}),
]


def main(folder):
    processor = BarkProcessor.from_pretrained(folder)
    outputs = []
    for text, options in CASES:
        output = processor(text, return_tensors="np", **options)
        outputs.append([text, options, {key: value.tolist() for key, value in output.items()}])
    errors = []
    for text, options in REFUSED:
        try:
            processor(text, return_tensors="np", **options)
            errors.append([text, options, None])
        except Exception as error:
            errors.append([text, options, type(error).__name__])
    history = processor("a", voice_preset=VOICE, return_tensors="np")["history_prompt"]
    golden = {
        "_made_by": f"scripts/oracle/processor_golden.py with transformers {transformers.__version__}",
        "presets": processor.available_voice_presets,
        "shapes": {key: list(array.shape) for key, array in history.items()},
        "sums": {key: int(array.sum()) for key, array in history.items()},
        "outputs": outputs,
        "errors": errors,
    }
    lines = json.dumps(golden, separators=(",", ":")).replace("]}],[", "]}],\n[")
    print(lines)


main(sys.argv[1])
