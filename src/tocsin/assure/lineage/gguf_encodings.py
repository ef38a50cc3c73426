"""The blocks of GGUF as float32: a scale for every 32 entries, or for every 256 with smaller scales inside.

After `dequantize_row_*` of ggml (ggml-quants.c). What is not here (IQ, ternary, MXFP4) is told as not read.
"""

from collections.abc import Callable

import numpy as np

from tocsin.assure.lineage.encodings import ENCODINGS, Encoding, Floats, Raw


def _halves(raw: Raw, start: int) -> Floats:
    """A float16 at byte `start` of each block, [..., 1]."""
    return np.ascontiguousarray(raw[..., start : start + 2]).view("<f2").astype(np.float32)


def _nibbles(raw: Raw, width: int = 32) -> Raw:
    """Low nibbles of `width` bytes, then the high ones, for each run of `width` bytes."""
    runs = raw.reshape(*raw.shape[:-1], -1, width)
    both = np.stack([runs & 15, runs >> 4], axis=-2)
    return both.reshape(*raw.shape[:-1], -1)


def _fifth_bits(raw: Raw) -> Raw:
    bits = np.ascontiguousarray(raw).view("<u4")
    return ((bits >> np.arange(32, dtype=np.uint32)) & 1).astype(np.uint8) << 4


def _q4_0(raw: Raw) -> Floats:
    return _halves(raw, 0) * (_nibbles(raw[..., 2:18], 16).astype(np.float32) - 8)


def _q4_1(raw: Raw) -> Floats:
    return _halves(raw, 0) * _nibbles(raw[..., 4:20], 16).astype(np.float32) + _halves(raw, 2)


def _q5_0(raw: Raw) -> Floats:
    fives = _nibbles(raw[..., 6:22], 16) | _fifth_bits(raw[..., 2:6])
    return _halves(raw, 0) * (fives.astype(np.float32) - 16)


def _q5_1(raw: Raw) -> Floats:
    fives = _nibbles(raw[..., 8:24], 16) | _fifth_bits(raw[..., 4:8])
    return _halves(raw, 0) * fives.astype(np.float32) + _halves(raw, 2)


def _q8_0(raw: Raw) -> Floats:
    return _halves(raw, 0) * np.ascontiguousarray(raw[..., 2:34]).view(np.int8).astype(np.float32)


def _scales_of_k(raw: Raw) -> tuple[Floats, Floats]:
    """The eight scales and minima of six bits each, packed in twelve bytes, times the block's two float16."""
    low, middle, high = raw[..., 4:8], raw[..., 8:12], raw[..., 12:16]
    scales = np.concatenate([low & 63, (high & 15) | ((low >> 6) << 4)], axis=-1)
    minima = np.concatenate([middle & 63, (high >> 4) | ((middle >> 6) << 4)], axis=-1)
    return _halves(raw, 0) * scales.astype(np.float32), _halves(raw, 2) * minima.astype(np.float32)


def _q4_k(raw: Raw) -> Floats:
    scales, minima = _scales_of_k(raw)
    whole = _nibbles(raw[..., 16:144]).reshape(*raw.shape[:-1], 8, 32).astype(np.float32)
    found: Floats = (scales[..., None] * whole - minima[..., None]).reshape(*raw.shape[:-1], 256)
    return found


def _q5_k(raw: Raw) -> Floats:
    scales, minima = _scales_of_k(raw)
    fifth = (raw[..., None, 16:48] >> np.arange(8, dtype=np.uint8)[:, None] & 1) << 4
    whole = (_nibbles(raw[..., 48:176]).reshape(*raw.shape[:-1], 8, 32) | fifth).astype(np.float32)
    found: Floats = (scales[..., None] * whole - minima[..., None]).reshape(*raw.shape[:-1], 256)
    return found


def _q6_k(raw: Raw) -> Floats:
    low = _nibbles(raw[..., :128], 64).reshape(*raw.shape[:-1], 8, 32)
    shifts = np.arange(0, 8, 2, dtype=np.uint8)[:, None]
    high = raw[..., 128:192].reshape(*raw.shape[:-1], 2, 1, 32) >> shifts & 3
    sixths = (low | (high.reshape(low.shape) << 4)).astype(np.float32) - 32
    scales = np.ascontiguousarray(raw[..., 192:208]).view(np.int8).astype(np.float32) * _halves(raw, 208)
    found: Floats = scales[..., None] * sixths.reshape(*raw.shape[:-1], 16, 16)
    return found.reshape(*raw.shape[:-1], 256)


def _blocks(
    grain: int, size: int, decoded: Callable[[Raw], Floats], bits: int, error: float = 0.0
) -> Encoding:
    def of_units(units: Raw) -> Floats:
        if not units.size:
            return np.zeros((*units.shape[:-1], units.shape[-1] * grain), np.float32)
        raw = np.ascontiguousarray(units).view(np.uint8).reshape(*units.shape, size)
        return decoded(raw).reshape(*units.shape[:-1], units.shape[-1] * grain)

    return Encoding(grain, np.dtype(("V", size)), of_units, bits=bits, error=error)


GGUF_ENCODINGS = {
    **{name: ENCODINGS[name] for name in ("F64", "F32", "F16", "BF16")},
    "Q4_0": _blocks(32, 18, _q4_0, 4),
    "Q4_1": _blocks(32, 20, _q4_1, 4),
    "Q5_0": _blocks(32, 22, _q5_0, 5),
    "Q5_1": _blocks(32, 24, _q5_1, 5),
    "Q8_0": _blocks(32, 34, _q8_0, 8),
    "Q4_K": _blocks(256, 144, _q4_k, 4, 0.078),
    "Q5_K": _blocks(256, 176, _q5_k, 5, 0.038),
    "Q6_K": _blocks(256, 210, _q6_k, 6, 0.018),
}
"""The errors of the K types, over the root mean square of normally distributed weights: the range of 32 (16) of these
over the number of steps and the root of twelve. ggml chooses scales a little better than that.
"""
