"""Where training data and checkpoints live: outside the repository, in $BARK_TRAIN_DIR."""

import os
from pathlib import Path

ROOT = Path(os.environ.get("BARK_TRAIN_DIR", Path.home() / ".cache" / "bark-train"))


def folder(name):
    path = ROOT / name
    path.mkdir(parents=True, exist_ok=True)
    return path
