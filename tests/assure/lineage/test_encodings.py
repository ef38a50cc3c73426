"""Stored bytes become the values that the formats' own libraries give."""

from pathlib import Path

import numpy as np
import pytest

from tests.weight_files import to_bf16
from tocsin.assure.lineage.encodings import ENCODINGS, rounded, rounding_energy
from tocsin.assure.lineage.gguf_encodings import GGUF_ENCODINGS

BLOCKS = Path(__file__).parents[2] / "vectors" / "lineage" / "gguf_blocks.npz"
BLOCK_TYPES = [name for name in GGUF_ENCODINGS if name.startswith("Q")]


@pytest.mark.parametrize("name", BLOCK_TYPES)
def test_blocks_of_gguf_are_what_its_library_makes_of_them(name: str) -> None:
    with np.load(BLOCKS) as vectors:
        raw, values = vectors[name], vectors[f"{name}_values"]
    encoding = GGUF_ENCODINGS[name]
    units = np.frombuffer(raw.tobytes(), encoding.unit).reshape(len(raw), -1)
    np.testing.assert_array_equal(encoding.decoded(units), values)
    assert encoding.bits == int(name[1])


def test_bf16_is_the_upper_half_of_float32() -> None:
    values = np.array([[1.0, -0.0078125, 3.140625, 0.0]], np.float32)
    encoding = ENCODINGS["BF16"]
    raw = np.frombuffer(to_bf16(values), encoding.unit).reshape(1, -1)
    np.testing.assert_array_equal(encoding.decoded(raw), values)


@pytest.mark.parametrize(
    ("name", "code", "value"),
    [
        ("F8_E4M3", 0x7E, 448.0),
        ("F8_E4M3", 0x01, 2.0**-9),
        ("F8_E4M3", 0xB8, -1.0),
        ("F8_E5M2", 0x7B, 57344.0),
        ("F8_E5M2", 0x01, 2.0**-16),
        ("F8_E5M2", 0xBC, -1.0),
    ],
)
def test_eight_bit_floats_have_the_values_of_their_standard(name: str, code: int, value: float) -> None:
    assert ENCODINGS[name].decoded(np.array([code], np.uint8))[0] == value


@pytest.mark.parametrize("name", ["F16", "BF16", "F32"])
def test_rounding_is_that_of_the_type(name: str) -> None:
    values = np.random.default_rng(1).standard_normal(10_000).astype(np.float32)
    stored = {
        "F16": values.astype(np.float16).astype(np.float32),
        "BF16": ENCODINGS["BF16"].decoded(np.frombuffer(to_bf16(values), "<u2")),
        "F32": values,
    }[name]
    np.testing.assert_array_equal(rounded(values, ENCODINGS[name]), stored)
    if name != "F32":
        energy = float(np.sum(np.square((stored - values).astype(np.float64))))
        assert rounding_energy(stored, ENCODINGS[name]) == pytest.approx(energy, rel=0.1)
