"""Step 4: the codec's codebooks by k-means over the features, then the codes of every utterance.

Usage: python train_codebooks.py fit            writes codebooks.npz
       python train_codebooks.py encode [--processes 2]
"""

import argparse
import multiprocessing
import os
import pickle
import random

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from codec_features import BURST, ENVELOPE, SOURCE, UNVOICED, WIDTH, analyse, pitch_code_features, pitch_codes, waveform
from make_tokens import VOICE_INDEX
from paths import folder
from vocabulary import FRAME_RATE, SEMANTIC_RATE, semantic_tokens

CODES = 1024


def centres(points, count, seed):
    model = MiniBatchKMeans(count, batch_size=8192, n_init=1, max_iter=12, random_state=seed, reassignment_ratio=0.005)
    return model.fit(points).cluster_centers_.astype(np.float32)


def nearest(points, table):
    out = np.empty(len(points), np.int64)
    norms = (table**2).sum(1)
    for i in range(0, len(points), 4096):
        out[i : i + 4096] = (norms - 2 * points[i : i + 4096] @ table.T).argmin(1)
    return out


def encode_features(features, pitch, phase, books):
    """Codes [frames, 8] of analysed features, one subspace after the other."""
    codes = np.zeros((len(features), 8), np.int64)
    rest = features.copy()
    voiced = pitch > 0
    codes[:, 0] = nearest(rest[:, ENVELOPE], books[0][:, ENVELOPE])
    rest -= books[0][codes[:, 0]]
    codes[voiced, 1] = pitch_codes(pitch[voiced], phase[voiced])
    codes[~voiced, 1] = UNVOICED + nearest(rest[~voiced, BURST], books[1][UNVOICED:, BURST])
    rest -= books[1][codes[:, 1]]
    for q, part in ((2, ENVELOPE), (3, ENVELOPE), (4, SOURCE), (5, ENVELOPE)):
        if q < len(books):
            codes[:, q] = nearest(rest[:, part], books[q][:, part])
            rest -= books[q][codes[:, q]]
    return codes, rest


def fit(seed=1):
    rng = random.Random(seed)
    analysed = []
    paths = sorted(folder("corpus").glob("shard*.pickle"))[:6]
    for path in paths:
        for u in rng.sample(pickle.load(open(path, "rb")), 330):
            analysed.append(analyse(waveform(u), u.pitch, u.pitch_step))
    features = np.concatenate([a[0] for a in analysed])
    pitch = np.concatenate([a[1] for a in analysed])
    phase = np.concatenate([a[2] for a in analysed])
    print(len(features), "frames", flush=True)
    books = [np.zeros((CODES, WIDTH), np.float32) for _ in range(8)]
    books[0][:, ENVELOPE] = centres(features[:, ENVELOPE], CODES, seed)
    books[1][:UNVOICED, SOURCE] = pitch_code_features()
    books[1][UNVOICED:, BURST] = centres(features[pitch == 0][:, BURST], CODES - UNVOICED, seed)
    for q, part in ((2, ENVELOPE), (3, ENVELOPE), (4, SOURCE), (5, ENVELOPE)):
        _, rest = encode_features(features, pitch, phase, books[:q])
        books[q][:, part] = centres(rest[:, part], CODES, seed + q)
        before, after = (rest[:, part] ** 2).mean(), (encode_features(features, pitch, phase, books[: q + 1])[1][:, part] ** 2).mean()
        print("codebook", q, "residual power", before, "to", after, flush=True)
    np.savez(folder("codec") / "codebooks.npz", books=np.stack(books))


def encode_shard(job):
    path, target, books = job
    if os.path.exists(target):
        return
    rows = []
    for u in pickle.load(open(path, "rb")):
        features, pitch, phase = analyse(waveform(u), u.pitch, u.pitch_step)
        tokens, _ = semantic_tokens(u)
        frames = int(np.floor(len(tokens) * FRAME_RATE / SEMANTIC_RATE))
        codes, _ = encode_features(features, pitch, phase, books)
        frames = min(frames, len(codes))
        rows.append((VOICE_INDEX[u.voice], tokens.astype(np.int16), codes[:frames].astype(np.int16)))
    with open(f"{target}.part", "wb") as file:
        pickle.dump(rows, file, protocol=5)
    os.rename(f"{target}.part", target)
    print(target, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["fit", "encode"])
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    if options.action == "fit":
        return fit()
    books = np.load(folder("codec") / "codebooks.npz")["books"]
    target = folder("codes")
    jobs = [(str(p), str(target / p.name), books) for p in sorted(folder("corpus").glob("shard*.pickle"))]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        list(pool.imap(encode_shard, jobs))


if __name__ == "__main__":
    main()
