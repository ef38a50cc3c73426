"""HDF5: what Keras and h5py write is clean; what leads out of the file, plug-ins and code are told."""

import pytest
from hypothesis import given, settings

from tests.assure.weights.looking import broken, found, held, look, rules, vector
from tocsin.assure.weights.hdf5 import Hdf5Examiner
from tocsin.assure.weights.hdf5_objects import LINK, Message, Objects
from tocsin.assure.weights.reading import Broken
from tocsin.kernel.artefacts import Fact

EXAMINER = Hdf5Examiner()


def changed(name: str, old: bytes, new: bytes, count: int = 1) -> bytes:
    """A vector with some bytes of it replaced."""
    data = vector(name)
    assert old in data
    return data.replace(old, new, count)


@pytest.mark.parametrize(
    ("name", "count", "parameters"),
    [("plain.h5", 10, 21), ("plain.weights.h5", 10, 21), ("newest.h5", 3, 212)],
)
def test_what_the_libraries_write_is_clean_and_counted(name: str, count: int, parameters: int) -> None:
    told = look(EXAMINER, vector(name), name)
    facts = {fact.kind: fact.values for fact in told if isinstance(fact, Fact)}
    assert rules(told) == []
    assert (facts["tensors"]["count"], facts["tensors"]["parameters"]) == (count, parameters)


def test_the_configuration_in_a_legacy_file_is_judged() -> None:
    assert set(found(EXAMINER, vector("lambda.h5"))) == {"keras.lambda"}
    assert found(EXAMINER, changed("plain.h5", b'"class_name": "Dense"', b'"class_name": "Dance"')) == [
        "keras.custom"
    ]


LATEST_FILTER = bytes([2, 2, 2, 0])
"""Version 2, two filters, shuffle first."""


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (vector("external-link.h5"), "external-link"),
        (vector("external-storage.h5"), "external-storage"),
        (vector("virtual.h5"), "virtual"),
        (vector("dense.h5"), "unread"),
        (changed("newest.h5", LATEST_FILTER, bytes([2, 2, 99, 0])), "filter"),
        (vector("as-pytables.h5"), "pytables"),
        (vector("plain.h5")[:20], "broken"),
        (vector("plain.h5")[:2_000], "broken"),
        (vector("plain.h5")[:8] + b"\x09" + vector("plain.h5")[9:], "unread"),
        (vector("plain.h5")[:13] + b"\x04" + vector("plain.h5")[14:], "unread"),
        (bytes(512) + vector("plain.h5"), "unread"),
        (changed("plain.h5", b"TREE", b"TREF"), "broken"),
        (changed("plain.h5", b"SNOD", b"SNOE"), "broken"),
        (changed("plain.h5", b"HEAP", b"HEAQ"), "broken"),
        (changed("plain.h5", b"GCOL", b"GCOM", -1), "broken"),
    ],
)
def test_what_leads_out_or_cannot_be_read_is_told(data: bytes, rule: str) -> None:
    assert f"hdf5.{rule}" in found(EXAMINER, data)


def test_a_link_whose_name_is_longer_than_can_be_addressed_is_broken() -> None:
    soft_of_eight_bytes = bytes([1, 0b0000_1011, 1]) + (1 << 63).to_bytes(8, "little")
    with pytest.raises(Broken):
        list(Objects(held(vector("plain.h5"))).links(Message(LINK, 0, soft_of_eight_bytes + bytes(8), 0)))


def test_it_is_known_by_its_signature() -> None:
    assert EXAMINER.recognises(held(vector("plain.h5"))) == "hdf5"
    assert EXAMINER.recognises(held(bytes(1_024) + vector("plain.h5"))) == "hdf5"
    assert EXAMINER.recognises(held(b"\x89PNG")) == ""


@pytest.mark.parametrize("name", ["plain.h5", "newest.h5", "dense.h5", "external-link.h5"])
def test_a_broken_file_is_told_of_and_raises_nothing(name: str) -> None:
    @given(data=broken(vector(name)))
    @settings(max_examples=60, database=None)
    def every(data: bytes) -> None:
        if EXAMINER.recognises(held(data)):
            look(EXAMINER, data)

    every()
