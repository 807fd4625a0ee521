"""What the codec's eight codebooks describe, 75 times a second: the spectral envelope, and pitch with its phase.

Codebook 0 holds the envelope, codebook 1 pitch and phase of the voice's fundamental, 2, 3 and 5 refine the envelope,
4 refines pitch and phase, 6 and 7 are silent. Phases of neighbouring frames follow from the pitch, so a small
model can continue them, and the decoder receives what is nearly a sampled sine to build the voice upon.
"""

from math import gcd

import numpy as np
from scipy.fft import dct, rfft
from scipy.signal import resample_poly

HOP, RATE = 320, 24000
WINDOW, FFT = 640, 1024
BANDS, CEPSTRA = 48, 32
STEPS = 8  # phase samples within a frame
WIDTH = 64
PITCH_LOW, PITCH_BINS, PHASE_BINS = 70.0, 31, 32
PITCH_HIGH = 320.0
UNVOICED = PITCH_BINS * PHASE_BINS  # first of 32 codes for frames without pitch
ENVELOPE = slice(0, CEPSTRA)
SOURCE = slice(CEPSTRA, CEPSTRA + 2 + 2 * STEPS)
BURST = slice(SOURCE.stop, SOURCE.stop + 4)
GAINS = {"slt": 0.6, "rms": 1.1, "awb": 0.95}  # one loudness for all voices


def mel_filters():
    top = 2595 * np.log10(1 + 9600 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    up = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    filters = np.maximum(0, np.minimum(up, down))
    return (filters / filters.sum(1, keepdims=True)).astype(np.float32)


FILTERS = mel_filters()
HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
PHASE_WINDOW = np.hanning(769)[:-1].astype(np.float32)
OFFSETS = (np.arange(STEPS) + 0.5) * (HOP / STEPS) - HOP / 2


def waveform(utterance):
    """The teacher's samples at 24 kHz, float32."""
    divisor = gcd(RATE, utterance.rate)
    samples = utterance.samples.astype(np.float32) / 32768 * GAINS[utterance.voice]
    return resample_poly(samples, RATE // divisor, utterance.rate // divisor).astype(np.float32)


def windows(samples, width, count):
    padded = np.pad(samples, (width // 2, width // 2 + HOP))
    starts = np.arange(count) * HOP + HOP // 2
    return np.lib.stride_tricks.sliding_window_view(padded, width)[starts]


def source_features(pitch, phase):
    """[frames, 18]: voiced flag, pitch, and cosine and sine of the fundamental at 8 places of the frame."""
    angle = phase[:, None] + 2 * np.pi * pitch[:, None] * OFFSETS / RATE
    level = np.log2(np.maximum(pitch, 1) / 140.0)[:, None]
    return np.concatenate([np.ones_like(level), level, np.cos(angle), np.sin(angle)], 1).astype(np.float32)


def analyse(samples, pitch_track, pitch_step):
    """Features [frames, 64] before quantisation, pitch [frames] (0 unvoiced) and phase [frames]."""
    count = len(samples) // HOP
    spectrum = np.abs(rfft(windows(samples, WINDOW, count) * HANN, FFT, axis=1)) ** 2
    energy = np.log(spectrum @ FILTERS.T + 1e-4)
    cepstra = dct(energy, norm="ortho", axis=1)[:, :CEPSTRA] / 4.0
    times = (np.arange(count) + 0.5) * HOP / RATE / pitch_step
    left = np.clip(times.astype(int), 0, len(pitch_track) - 1)
    right = np.minimum(left + 1, len(pitch_track) - 1)
    a, b, share = pitch_track[left], pitch_track[right], times - left
    both = (a > 0) & (b > 0)
    pitch = np.where(both, a * (1 - share) + b * share, np.where(share < 0.5, a, b))
    pitch = np.where(pitch > 0, np.clip(pitch, PITCH_LOW, PITCH_HIGH - 1), 0).astype(np.float32)
    pieces = windows(samples, len(PHASE_WINDOW), count) * PHASE_WINDOW
    n = np.arange(len(PHASE_WINDOW)) - len(PHASE_WINDOW) // 2
    turning = np.exp(-2j * np.pi * pitch[:, None] * n / RATE)
    phase = np.angle((pieces * turning).sum(1)).astype(np.float32)
    features = np.zeros((count, WIDTH), np.float32)
    features[:, ENVELOPE] = cepstra
    voiced = pitch > 0
    features[voiced, SOURCE] = source_features(pitch[voiced], phase[voiced])
    quarters = samples[: count * HOP].reshape(count, 4, HOP // 4)
    loud = np.log((quarters**2).mean(2) + 1e-7) / 2
    features[:, BURST] = np.where(voiced[:, None], 0, loud - loud.mean(1, keepdims=True))
    return features, pitch, phase


def pitch_codes(pitch, phase):
    """Codebook 1 of voiced frames."""
    span = np.log(PITCH_HIGH / PITCH_LOW)
    row = np.clip((np.log(np.maximum(pitch, PITCH_LOW) / PITCH_LOW) / span * PITCH_BINS).astype(int), 0, PITCH_BINS - 1)
    column = np.floor(phase / (2 * np.pi) * PHASE_BINS + 0.5).astype(int) % PHASE_BINS
    return row * PHASE_BINS + column


def pitch_code_features():
    code = np.arange(UNVOICED)
    pitch = PITCH_LOW * (PITCH_HIGH / PITCH_LOW) ** ((code // PHASE_BINS + 0.5) / PITCH_BINS)
    return source_features(pitch, (code % PHASE_BINS) * 2 * np.pi / PHASE_BINS)
