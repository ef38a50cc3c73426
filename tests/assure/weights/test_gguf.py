"""GGUF: what the library writes is clean in both byte orders, and each way to break the format is told by its name."""

import struct

import pytest
from hypothesis import given, settings

from tests.assure.weights.looking import broken, found, held, look, vector
from tocsin.assure import Nested
from tocsin.assure.weights import TensorEntry, gguf_tensors
from tocsin.assure.weights.gguf import GgufExaminer
from tocsin.kernel import BadInput
from tocsin.kernel.artefacts import Fact, Finding

EXAMINER = GgufExaminer()
TEMPLATE = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


class Made:
    """A GGUF file by hand, so that it can break every rule."""

    def __init__(self, version: int = 3, order: str = "<") -> None:
        self.order, self.version = order, version
        self.count = "I" if version == 1 else "Q"
        self.pairs: list[bytes] = []
        self.infos: list[bytes] = []

    def pack(self, kinds: str, *values: float) -> bytes:
        return struct.pack(self.order + kinds, *values)

    def text(self, value: str | bytes) -> bytes:
        data = value.encode() if isinstance(value, str) else value
        return self.pack(self.count, len(data)) + data

    def pair(self, key: str | bytes, kind: int, value: bytes) -> "Made":
        self.pairs.append(self.text(key) + self.pack("I", kind) + value)
        return self

    def tensor(self, name: str, extents: list[int], kind: int = 24, offset: int = 0) -> "Made":
        packed = b"".join(self.pack(self.count, extent) for extent in extents)
        head = self.text(name) + self.pack("I", len(extents))
        self.infos.append(head + packed + self.pack("IQ", kind, offset))
        return self

    def file(self, data: bytes = b"", pad: bytes = b"\x00") -> bytes:
        head = b"GGUF" + self.pack("I", self.version)
        head += self.pack(self.count * 2, len(self.infos), len(self.pairs))
        head += b"".join(self.pairs + self.infos)
        return head + (pad * (-len(head) % 32) if self.infos else b"") + data


def array(made: Made, kind: int, values: list[bytes]) -> bytes:
    """The value of a list."""
    return made.pack("I" + made.count, kind, len(values)) + b"".join(values)


def nested(made: Made, depth: int) -> bytes:
    """Lists in lists."""
    value = array(made, 4, [])
    for _ in range(depth):
        value = array(made, 9, [value])
    return value


M = Made()


@pytest.mark.parametrize("name", ["plain.gguf", "big-endian.gguf"])
def test_what_the_library_writes_is_clean_and_told(name: str) -> None:
    told = look(EXAMINER, vector(name), name)
    facts = {fact.kind: fact.values for fact in told if isinstance(fact, Fact)}
    assert found(EXAMINER, vector(name), name) == []
    assert facts["tensors"] == {"count": 3, "parameters": 195, "bytes": 404, "dtypes": {"F32": 2, "Q8_0": 1}}
    assert facts["architecture"] == {"model_type": "llama"}
    assert facts["licence"] == {"id": "apache-2.0"}
    assert facts["quantisation"] == {"quant_method": "gguf", "name": "Q8_0"}
    assert facts["base-model"] == {
        "name": "Base",
        "repo_url": "https://example.org/base",
        "said_by": "general.base_model",
    }
    assert "chat-template" not in facts, "who judges templates tells of them"
    assert facts["metadata"]["general.name"] == "Tiny"
    assert facts["metadata"]["general.tags"] == ("text", "tiny")


def test_every_chat_template_is_handed_on_as_a_piece() -> None:
    told = look(EXAMINER, vector("vocabulary.gguf"), "v.gguf")
    pieces = {
        item.piece.path: (item.format, item.piece.read(0, item.piece.size))
        for item in told
        if isinstance(item, Nested)
    }
    assert pieces == {
        "v.gguf!/tokenizer.chat_template": ("chat-template", b"{{ messages }}"),
        "v.gguf!/tokenizer.chat_template.tool_use": ("chat-template", b"{{ tools }}"),
    }


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("order", ["<", ">"])
def test_all_versions_in_both_orders_are_read(version: int, order: str) -> None:
    made = Made(version, order)
    for kind, layout in enumerate("BbHhIif"):
        made.pair(f"k{kind}", kind, made.pack(layout, 1))
    made.pair("words", 9, array(made, 8, [made.text("é" * 40)] * 3_000))
    made.pair("long", 9, array(made, 8, [made.text("x" * 70_000)] * 70))
    made.pair("lists", 9, nested(made, 2)).pair("yes", 7, b"\x01")
    data = made.tensor("a", [32, 2], 8, 0).tensor("b", [5], 0, 96).file(bytes(68 + 28 + 20))
    assert found(EXAMINER, data) == []
    start = len(data) - 116
    assert gguf_tensors(held(data)) == (
        TensorEntry("a", "Q8_0", (2, 32), start, 68),
        TensorEntry("b", "F32", (5,), start + 96, 20),
    )


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"GGUF", "truncated"),
        (Made(4).file(), "version"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 40, 0), "absurd"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 40), "absurd"),
        (b"GGUF" + struct.pack("<IQQ", 3, (1 << 17) + 1, 0) + bytes(1 << 18), "too-many"),
        (Made().pair("a", 9, nested(M, 6)).file(), "too-many"),
        (Made().pair("a", 9, array(M, 8, []) + b"").pair("b", 4, b"").file(), "truncated"),
        (Made().pair("a", 8, M.pack("Q", 1 << 62)).file(), "absurd"),
        (Made().pair("a", 8, M.pack("Q", 1 << 20)).file(), "truncated"),
        (Made().pair("a", 9, M.pack("IQ", 8, 1 << 60)).file(), "absurd"),
        (Made().pair("a", 9, M.pack("IQ", 4, 1 << 62)).file(), "absurd"),
        (Made().pair("a", 8, M.text("x" * (1 << 20) + "x")).file(), "text-too-long"),
        (Made().pair("x" * (1 << 16), 7, b"\x00").file(), "text-too-long"),
        (Made().pair("a", 13, b"").file(), "kind"),
        (Made().pair("a", 9, M.pack("IQ", 13, 0)).file(), "kind"),
        (Made().pair("a", 8, M.text(b"\xff")).file(), "not-utf8"),
        (Made().pair(b"\xff", 7, b"\x00").file(), "not-utf8"),
        (Made().pair("a", 7, b"\x02").file(), "truth"),
        (Made().pair("a", 7, b"\x01").pair("a", 7, b"\x00").file(), "duplicate-key"),
        (Made().pair("general.alignment", 4, M.pack("I", 24)).file(), "alignment"),
        (Made().pair("general.alignment", 4, M.pack("I", 0)).file(), "alignment"),
        (Made().pair("general.alignment", 4, M.pack("I", 1 << 30)).file(), "alignment"),
        (Made().pair("general.alignment", 10, M.pack("Q", 32)).file(), "alignment"),
        (Made().tensor("a", [4]).tensor("a", [4], offset=32).file(bytes(36)), "duplicate-tensor"),
        (Made().tensor("a", [1, 1, 1, 1, 1]).file(b"\x00"), "dimensions"),
        (Made().tensor("a", [4], 99).file(bytes(4)), "type"),
        (Made().tensor("a", [1 << 40, 1 << 40]).file(bytes(4)), "overflow"),
        (Made().tensor("a", [31], 8).file(bytes(34)), "block"),
        (Made().tensor("a", [4], offset=8).file(bytes(12)), "misaligned"),
        (Made().tensor("a", [4]).file(bytes(3)), "bounds"),
        (Made().tensor("a", [4]).tensor("b", [4]).file(bytes(4)), "overlap"),
        (Made().tensor("a", [64]).tensor("b", [4], offset=32).file(bytes(64)), "overlap"),
        (Made().tensor("a", [4]).tensor("b", [4], offset=96).file(bytes(100)), "gap"),
        (Made().tensor("a", [4]).file(bytes(4 + 32)), "gap"),
        (Made().pair("a", 7, b"\x01").file(bytes(64) + b"PK"), "gap"),
        (Made().tensor("a", [4]).file(bytes(4), pad=b"x"), "padding"),
        (Made().tensor("a", [4]).tensor("b", [4], offset=32).file(b"1234" + b"x" * 28 + b"1234"), "padding"),
    ],
)
def test_each_way_to_break_the_format_is_told(data: bytes, rule: str) -> None:
    assert f"gguf.{rule}" in found(EXAMINER, data)


def test_a_vocabulary_of_raw_bytes_is_a_note() -> None:
    made = Made()
    data = made.pair("tokens", 9, array(made, 8, [made.text(b"\xff")] * 100)).file()
    notes = [item.values for item in look(EXAMINER, data) if isinstance(item, Finding)]
    assert notes == [{"count": 100}]
    assert found(EXAMINER, data) == []


def test_a_header_whose_tensors_have_no_length_gives_none() -> None:
    for data in (b"GGUF", Made().tensor("a", [4], 99).file(bytes(4))):
        with pytest.raises(BadInput):
            gguf_tensors(held(data))


@given(data=broken(vector("plain.gguf")))
@settings(max_examples=150)
def test_a_broken_file_is_told_of_and_raises_nothing(data: bytes) -> None:
    if data.startswith(b"GGUF"):
        look(EXAMINER, data)
