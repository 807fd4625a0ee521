"""The teacher: flite's statistical voices through its C library, with phone times, stress, pitch and word places."""

import ctypes as C
from dataclasses import dataclass

import numpy as np

VOICES = ("slt", "rms", "awb")
SAMPLE_RATE = 24000
LEAD_SECONDS, TAIL_SECONDS = 0.08, 0.16


@dataclass
class Utterance:
    text: str
    voice: str
    phones: list  # names
    ends: np.ndarray  # seconds, float32
    stress: np.ndarray  # 0 or 1 per phone
    spans: np.ndarray  # [phones, 2] first and last+1 character of the written word, -1 for pauses
    pitch: np.ndarray  # Hz, 0 where unvoiced
    pitch_step: float  # seconds between pitch values
    rate: int  # of the samples
    samples: np.ndarray  # int16


class _Wave(C.Structure):
    _fields_ = [("type", C.c_char_p), ("rate", C.c_int), ("count", C.c_int), ("channels", C.c_int), ("samples", C.POINTER(C.c_short))]


class _Track(C.Structure):
    _fields_ = [("type", C.c_char_p), ("frames", C.c_int), ("channels", C.c_int), ("times", C.c_void_p), ("values", C.POINTER(C.POINTER(C.c_float)))]


class _Utt(C.Structure):
    _fields_ = [("features", C.c_void_p)]


class Teacher:
    def __init__(self):
        self.lib = C.CDLL("libflite.so.1", mode=C.RTLD_GLOBAL)
        C.CDLL("libflite_usenglish.so.1", mode=C.RTLD_GLOBAL)
        C.CDLL("libflite_cmulex.so.1", mode=C.RTLD_GLOBAL)
        pointer, string = C.c_void_p, C.c_char_p
        for name, result, arguments in [
            ("flite_synth_text", pointer, [string, pointer]), ("utt_relation", pointer, [pointer, string]),
            ("relation_head", pointer, [pointer]), ("item_next", pointer, [pointer]),
            ("item_feat_string", string, [pointer, string]), ("item_feat_float", C.c_float, [pointer, string]),
            ("ffeature_string", string, [pointer, string]), ("utt_wave", pointer, [pointer]),
            ("delete_utterance", None, [pointer]), ("feat_present", C.c_int, [pointer, string]),
            ("feat_val", pointer, [pointer, string]), ("val_track", pointer, [pointer]),
        ]:  # fmt: skip
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments
        self.lib.flite_init()
        self.registered = {}

    def _voice(self, name):
        if name not in self.registered:
            library = C.CDLL(f"libflite_cmu_us_{name}.so.1", mode=C.RTLD_GLOBAL)
            register = getattr(library, f"register_cmu_us_{name}")
            register.restype, register.argtypes = C.c_void_p, [C.c_char_p]
            self.registered[name] = register(None)
        return self.registered[name]

    def speak(self, text, voice):
        """One utterance with its silence at both ends cut to a fixed length, or None if there is nothing to say."""
        utt = self.lib.flite_synth_text(text.encode("latin-1", "ignore"), self._voice(voice))
        try:
            return self._read(utt, text, voice)
        finally:
            self.lib.delete_utterance(utt)

    def _read(self, utt, text, voice):
        lib = self.lib
        phones, ends, stress, spans = [], [], [], []
        item = lib.relation_head(lib.utt_relation(utt, b"Token"))
        places, at = [], 0
        while item:
            name = lib.item_feat_string(item, b"name").decode("latin-1")
            found = text.find(name, at)
            if found >= 0:
                places.append((item, name, found, found + len(name)))
                at = found + len(name)
            item = lib.item_next(item)
        item = lib.relation_head(lib.utt_relation(utt, b"Segment"))
        token, word_before = -1, None
        while item:
            phone = lib.item_feat_string(item, b"name").decode()
            phones.append(phone)
            ends.append(lib.item_feat_float(item, b"end"))
            stress.append(lib.ffeature_string(item, b"R:SylStructure.parent.stress") == b"1")
            if phone == "pau":
                spans.append((-1, -1))
            else:
                name = lib.ffeature_string(item, b"R:SylStructure.parent.parent.R:Token.parent.name").decode("latin-1")
                after = lib.ffeature_string(item, b"R:SylStructure.parent.parent.R:Token.p.name")
                first = (
                    lib.ffeature_string(item, b"R:SylStructure.p.name") == b"0"
                    and lib.ffeature_string(item, b"R:SylStructure.parent.p.name") == b"0"
                    and after == b"0"
                )
                if token < 0 or (first and word_before is not None) or name != places[min(token, len(places) - 1)][1]:
                    token = self._next(places, token, name)
                spans.append(places[token][2:4] if 0 <= token < len(places) else (-1, -1))
                word_before = name
            item = lib.item_next(item)
        if sum(p != "pau" for p in phones) < 1:
            return None
        wave = C.cast(lib.utt_wave(utt), C.POINTER(_Wave)).contents
        samples = np.ctypeslib.as_array(wave.samples, (wave.count,)).copy()
        features = C.cast(utt, C.POINTER(_Utt)).contents.features
        track = C.cast(lib.val_track(lib.feat_val(features, b"param_track")), C.POINTER(_Track)).contents
        pitch = np.array([track.values[i][0] for i in range(track.frames)], np.float32)
        return self._trimmed(text, voice, phones, np.array(ends, np.float64), stress, spans, pitch, 0.005, wave.rate, samples)

    @staticmethod
    def _next(places, token, name):
        for i in range(token + 1, len(places)):
            if places[i][1] == name:
                return i
        return token

    @staticmethod
    def _trimmed(text, voice, phones, ends, stress, spans, pitch, step, rate, samples):
        start = max(0.0, ends[0] - LEAD_SECONDS) if phones[0] == "pau" else 0.0
        stop = ends[-1]
        if phones[-1] == "pau" and len(ends) > 1:
            stop = min(stop, ends[-2] + TAIL_SECONDS)
        first = int(round(start / step))
        samples = samples[int(round(first * step * rate)) : int(round(stop * rate))]
        return Utterance(
            text, voice, phones, (np.minimum(ends, stop) - first * step).astype(np.float32), np.array(stress, np.uint8),
            np.array(spans, np.int16), pitch[first:], step, rate, samples,
        )  # fmt: skip
