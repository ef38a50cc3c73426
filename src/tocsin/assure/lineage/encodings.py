"""Values out of stored bytes: a dtype's block of rows becomes float32, only where somebody looks."""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Raw = npt.NDArray[Any]


class Encoding(msgspec.Struct, frozen=True):
    """How entries are stored: `grain` entries take one `unit`, and `decoded` takes an array of units (last axis).

    `mantissa` is the bits of precision of a float (0: not one), `bits` those of a grid (0: none); `error` is what
    rounding to a grid whose steps do not show adds, over the root mean square of the values (0: they show).
    """

    grain: int
    unit: np.dtype[Any]
    decoded: Callable[[Raw], Floats]
    mantissa: int = 0
    bits: int = 0
    error: float = 0.0


def _bf16(raw: Raw) -> Floats:
    return (raw.astype(np.uint32) << np.uint32(16)).view(np.float32)


def _as_float(raw: Raw) -> Floats:
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # a float64 beyond float32 becomes infinite, and is left out
        return raw.astype(np.float32)


@cache
def _table(exponent_bits: int, mantissa_bits: int, *, finite: bool) -> Floats:
    """All 256 values of an eight-bit float (OCP 8-bit floating point, 5.3)."""
    code = np.arange(256)
    exponent = (code >> mantissa_bits) & ((1 << exponent_bits) - 1)
    mantissa = (code & ((1 << mantissa_bits) - 1)) / (1 << mantissa_bits)
    bias = (1 << (exponent_bits - 1)) - 1
    value = np.where(exponent == 0, mantissa * 2.0 ** (1 - bias), (1 + mantissa) * 2.0 ** (exponent - bias))
    last = (1 << exponent_bits) - 1
    value[(code & 0x7F) == 0x7F if finite else exponent == last] = np.nan
    return np.where(code >= 128, -value, value).astype(np.float32)


def _e4m3(raw: Raw) -> Floats:
    return _table(4, 3, finite=True)[raw]


def _e5m2(raw: Raw) -> Floats:
    return _table(5, 2, finite=False)[raw]


ENCODINGS = {
    "F64": Encoding(1, np.dtype("<f8"), _as_float, mantissa=24),
    "F32": Encoding(1, np.dtype("<f4"), _as_float, mantissa=24),
    "F16": Encoding(1, np.dtype("<f2"), _as_float, mantissa=11),
    "BF16": Encoding(1, np.dtype("<u2"), _bf16, mantissa=8),
    "F8_E4M3": Encoding(1, np.dtype("u1"), _e4m3, mantissa=4),
    "F8_E5M2": Encoding(1, np.dtype("u1"), _e5m2, mantissa=3),
    "I8": Encoding(1, np.dtype("i1"), _as_float, bits=8),
}
"""By the names of safetensors. Packed four-bit integers (GPTQ, AWQ) are not here: their scales lie in other tensors."""


def rounded(values: Floats, encoding: Encoding) -> Floats:
    """float32 rounded to an encoding's precision, to nearest, ties to even."""
    if encoding.unit == np.dtype("<f2"):  # whose subnormals are common among weights
        return _as_float(values.astype(np.float16))
    drop = 24 - encoding.mantissa
    if drop <= 0 or not encoding.mantissa:
        return values
    bits = values.view(np.uint32).astype(np.uint64)
    half = (np.uint64(1) << np.uint64(drop - 1)) - np.uint64(1) + ((bits >> np.uint64(drop)) & np.uint64(1))
    kept = (bits + half) >> np.uint64(drop) << np.uint64(drop)
    return kept.astype(np.uint32).view(np.float32)


def rounding_energy(values: Floats, encoding: Encoding) -> float:
    """The sum of squares that rounding such values to an encoding adds: a twelfth of the square of each last place."""
    if not encoding.mantissa:
        return 0.0
    _, exponent = np.frexp(values[values != 0])
    last = np.exp2(exponent.astype(np.float64) - encoding.mantissa)
    return float(np.sum(last * last) / 12)
