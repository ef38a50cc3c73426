"""safetensors: what the library writes is clean, and each way to break the format is told by its name."""

import json
import struct

import pytest
from hypothesis import given, settings

from tests.assure.looks import look as inspected
from tests.assure.looks import told
from tests.assure.weights.looking import broken, found, held, look, vector
from tocsin.assure.weights import TensorEntry, safetensors, safetensors_tensors
from tocsin.assure.weights.safetensors import MAX_HEADER, MAX_HEADER_READ, SafetensorsExaminer
from tocsin.kernel import BadInput
from tocsin.kernel.artefacts import ArtefactVerdict, Fact

EXAMINER = SafetensorsExaminer()


def made(header: str | bytes, data: bytes = b"") -> bytes:
    """A file with this header."""
    text = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(text)) + text + data


def entry(begin: int, end: int, dtype: str = "U8", shape: list[int] | None = None) -> dict[str, object]:
    """A tensor of bytes, unless told otherwise."""
    return {"dtype": dtype, "shape": [end - begin] if shape is None else shape, "data_offsets": [begin, end]}


def of(data: bytes = b"", **entries: object) -> bytes:
    """A file with these entries."""
    return made(json.dumps(entries), data)


def test_what_the_library_writes_is_clean_and_counted() -> None:
    told = look(EXAMINER, vector("plain.safetensors"), "plain.safetensors")
    assert told == [
        Fact("metadata", "plain.safetensors", {"format": "np", "modelspec.license": "apache-2.0"}),
        Fact(
            "tensors",
            "plain.safetensors",
            {
                "count": 5,
                "parameters": 24,
                "bytes": 73,
                "dtypes": {"F32": 2, "F64": 1, "F16": 1, "BOOL": 1},
            },
        ),
    ]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (of(b"12345678", a=entry(0, 5), b=entry(3, 8)), "overlap"),
        (of(b"12345678", a=entry(0, 8), b=entry(0, 8)), "overlap"),
        (of(b"12345678", a=entry(0, 3), b=entry(5, 8)), "gap"),
        (of(b"12345678", a=entry(2, 8)), "gap"),
        (of(b"12345678", a=entry(0, 5)), "uncovered"),
        (of(b"1234", a=entry(0, 5)), "bounds"),
        (of(b"1234", a=entry(0, 4, shape=[3])), "span"),
        (of(b"1234", a=entry(4, 0, shape=[4])), "span"),
        (of(b"1234", a=entry(0, 4, "F4", [2, 3])), "span"),
        (of(b"1234", a=entry(0, 4, "F128")), "dtype"),
        (of(b"1234", a=entry(0, 4, shape=[1 << 40, 1 << 40])), "overflow"),
        (of(b"1234", a=entry(0, 4, shape=[0, 1 << 64])), "overflow"),
        (of(b"1234", a=entry(1 << 65, (1 << 65) + 4, shape=[4])), "overflow"),
        (of(b"1234", a=entry(0, 4, shape=[-4])), "entry"),
        (of(b"1", a={"dtype": "U8", "shape": [True], "data_offsets": [0, 1]}), "entry"),
        (of(b"1", a={"dtype": "U8", "shape": [1.0], "data_offsets": [0, 1]}), "entry"),
        (of(b"1", a={"dtype": "U8", "shape": [1]}), "entry"),
        (of(a="text"), "entry"),
        (of(b"1", a={**entry(0, 1), "code": "x"}), "unknown-key"),
        (of(__metadata__={"a": 1}), "metadata-value"),
        (of(__metadata__=["a"]), "metadata-value"),
        (made(f'{{"a":{json.dumps(entry(0, 1))},"a":{json.dumps(entry(0, 1))}}}', b"1"), "duplicate-key"),
        (made('{"__metadata__":{"x":"1","x":"2"}}'), "duplicate-key"),
        (made('{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', b"1"), "duplicate-key"),
        (made("{}PK\x03\x04"), "trailing"),
        (made("{} \t\t  \t "), "padding"),
        (made("  {}"), "start"),
        (made("[]"), "not-json"),
        (made('{"a": NaN}'), "not-json"),
        (made('{"__metadata__":{"x":"\\ud800"}}'), "not-json"),
        (made(b'{"\xff": 1}'), "not-json"),
        (made('{"a":' * 5_000), "not-json"),
        (made('{"a": 1' + "0" * 5_000 + "}"), "not-json"),
        (struct.pack("<Q", MAX_HEADER + 1) + b"{}", "header-too-large"),
        (struct.pack("<Q", 100) + b"{}", "truncated"),
        (b"\x02", "truncated"),
        (made("{}" + " " * MAX_HEADER_READ), "header-unread"),
    ],
)
def test_each_way_to_break_the_format_is_told(data: bytes, rule: str) -> None:
    assert f"safetensors.{rule}" in found(EXAMINER, data, "model.safetensors")


@pytest.mark.parametrize("dtype", sorted(safetensors.BITS))
def test_every_type_has_its_length(dtype: str) -> None:
    length = safetensors.BITS[dtype]  # of 8 elements
    assert found(EXAMINER, of(bytes(length), a=entry(0, length, dtype, [2, 4])), "a.safetensors") == []


def test_a_type_that_is_not_known_yet_is_inconclusive_and_no_more() -> None:
    assert found(EXAMINER, of(b"1234", a=entry(0, 4, "F128")), "a.safetensors") == ["safetensors.dtype"]


def test_padding_with_spaces_and_no_tensors_is_clean() -> None:
    assert found(EXAMINER, made("{}      ")) == []


def test_it_is_known_without_its_name_and_by_its_name_when_broken() -> None:
    plain = vector("plain.safetensors")
    assert EXAMINER.recognises(held(plain, "weights.dat")) == "safetensors"
    assert EXAMINER.recognises(held(b"\x00", "a.SafeTensors")) == "safetensors"
    assert EXAMINER.recognises(held(b"PK\x03\x04 and more", "a.zip")) == ""
    assert EXAMINER.recognises(held(b"", "a.bin")) == ""


def test_a_file_of_faults_ends_in_one_that_says_there_are_more() -> None:
    told = found(EXAMINER, made(json.dumps({f"t{number}": "x" for number in range(1_000)})))
    assert len(told) == 51
    assert told[-1] == "weights.more-findings"


def test_tensors_are_given_with_their_place_in_the_file() -> None:
    assert safetensors_tensors(held(made(f'{{"b":{json.dumps(entry(0, 2))}}}  ', b"12"))) == (
        TensorEntry("b", "U8", (2,), 69, 2),
    )
    for data in (b"", made("[]"), of(b"1", a=entry(0, 1, shape=[2])), made('{"a":1,"a":2}')):
        with pytest.raises(BadInput):
            safetensors_tensors(held(data))


@given(data=broken(vector("plain.safetensors")))
@settings(max_examples=150)
def test_a_broken_file_is_told_of_and_raises_nothing(data: bytes) -> None:
    look(EXAMINER, data, "model.safetensors")


def test_a_configuration_in_the_metadata_is_judged_as_one() -> None:
    dangerous = '{"_target_": "os.mkdir", "path": "x"}'
    for kept, rules, verdict in (
        ({"config": dangerous}, {"config.imports-dangerous"}, ArtefactVerdict.FOUND),
        ({"title": "{a working title}", "step": "[1, 2]"}, set(), ArtefactVerdict.CLEAN),
    ):
        seen = inspected(of(b"\0", __metadata__=kept, a=entry(0, 1)), name="model.safetensors")
        assert (told(seen), seen.verdict) == (rules, verdict)
