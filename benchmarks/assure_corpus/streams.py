"""One payload in every way that a pickle stream can say it: protocols, opcodes, memo, names, and streams that break."""

import io
import pickle
import struct
from collections.abc import Iterator
from typing import Any

from benchmarks.assure_corpus.gadgets import CODE
from benchmarks.assure_corpus.pickling import (
    Built,
    Call,
    Global,
    Listed,
    Mapped,
    New,
    Node,
    Raw,
    code,
    stream,
    text,
)
from benchmarks.assure_corpus.shape import CANARY, Shape

OPEN: Node = Call(Global("io", "open"), (CANARY, "w"))
"""The payload of shapes whose point lies elsewhere: `io` is on no list that stops at os, subprocess and builtins."""

MKDIR: Node = Call(Global("os", "mkdir"), (CANARY,))
"""The payload every scanner knows."""

_HARMLESS: Node = Mapped((("epoch", 3), ("loss", 0.25)))


class _Evil:
    """As a pickler writes it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (CANARY, "w"))


class _Deep:
    """Below weights that look like weights."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, (CODE,))


def _protocols() -> Iterator[tuple[str, bytes]]:
    for protocol in range(6):
        yield f"protocol-{protocol}", pickle.dumps({"weights": [1.0, 2.0], "state": _Evil()}, protocol)
    nested: dict[str, Any] = {"a": {"b": [(1, 2, {"c": _Deep()})]}}
    yield "deep-inside", pickle.dumps(nested, 4)
    out = io.BytesIO()
    pure = pickle._Pickler(out, 2)
    pure.dump([_Evil()] * 3)
    yield "python-pickler", out.getvalue()


def _opcodes() -> Iterator[tuple[str, bytes]]:
    yield "inst", b"(S'" + CANARY.encode() + b"'\nios\nmkdir\n."
    yield "inst-io", b"(S'" + CANARY.encode() + b"'\nS'w'\niio\nopen\n."
    yield "obj", b"\x80\x02(cio\nopen\n" + text(CANARY, 2) + text("w", 2) + b"o."
    mapped = New(Global("builtins", "map"), (Global("os", "mkdir"), Listed((CANARY,))))
    yield "newobj", stream(New(Global("builtins", "bytes"), (mapped,)), 2)
    extended = code(Global("builtins", "bytes")) + code((mapped,)) + b"}\x92."
    yield "newobj-ex", b"\x80\x04" + extended
    yield "newobj-set", stream(New(Global("builtins", "frozenset"), (mapped,)), 4)
    space = New(Global("types", "SimpleNamespace"))
    stateful = Built(Built(space, Mapped((("__setstate__", Global("os", "mkdir")),))), CANARY)
    yield "build-setstate", stream(stateful)
    append = Built(space, Mapped((("append", Global("os", "mkdir")),)))
    yield "append-attribute", stream(Raw(code(append) + text(CANARY) + b"a"))
    yield "appends-attribute", stream(Raw(code(append) + b"(" + text(CANARY) + b"e"))
    add = Built(space, Mapped((("add", Global("os", "mkdir")),)))
    yield "additems-attribute", stream(Raw(code(add) + b"(" + text(CANARY) + b"\x90"))
    registered = Call(Global("copyreg", "add_extension"), ("os", "mkdir", 0x41))
    yield "extension-registry", stream(Raw(code(registered) + b"0\x82\x41" + code((CANARY,)) + b"R"))
    wide = Call(Global("copyreg", "add_extension"), ("io", "open", 0x4142))
    yield (
        "extension-registry-4",
        stream(Raw(code(wide) + b"0\x84\x42\x41\x00\x00" + code((CANARY, "w")) + b"R")),
    )
    yield "nested-loads", stream(Call(Global("pickle", "loads"), (stream(OPEN),)))
    yield "nested-loads-c", stream(Call(Global("_pickle", "loads"), (stream(MKDIR, 2),)), 3)
    thrice = Call(Global("pickle", "_loads"), (stream(Call(Global("pickle", "loads"), (stream(OPEN),))),))
    yield "nested-thrice", stream(thrice)
    yield "result-thrown-away", stream(Raw(code(OPEN) + b"0" + code(_HARMLESS)))
    yield "as-dictionary-key", stream(Mapped(((OPEN, 1),)))


def _memo() -> Iterator[tuple[str, bytes]]:
    call = b"\x93" + code((CANARY,)) + b"R."
    yield "memo-names", b"\x80\x04" + text("os") + b"q\x000" + text("mkdir") + b"q\x010h\x00h\x01" + call
    rewritten = text("collections") + b"q\x000" + text("os") + b"q\x000" + text("OrderedDict") + b"q\x010"
    yield "memo-rewritten", b"\x80\x04" + rewritten + text("mkdir") + b"q\x010h\x00h\x01" + call
    far = (
        text("os")
        + b"r\x10\x27\x00\x000"
        + text("mkdir")
        + b"r\x11\x27\x00\x000j\x10\x27\x00\x00j\x11\x27\x00\x00"
    )
    yield "memo-far", b"\x80\x04" + far + call
    yield "memo-text-index", b"\x80\x04" + text("os") + b"p7\n0" + text("mkdir") + b"p8\n0g7\ng8\n" + call
    made = b"\x80\x04" + text("mkdir") + b"\x940" + text("os") + b"\x940h\x01h\x00" + call
    yield "memoize-order", made
    twice = b"\x80\x04" + text("os") + b"2" + text("mkdir") + b"\x93" + code((CANARY,)) + b"R."
    yield "dup-then-names", twice
    yield (
        "marks-thrown-away",
        b"\x80\x04" + b"(((111" + text("os") + b"(" + text("x") + b"1" + text("mkdir") + call,
    )
    held = code(Global("os", "mkdir")) + b"q\x050" + code(_HARMLESS) + b"0h\x05" + code((CANARY,)) + b"R."
    yield "memo-callable", b"\x80\x04" + held


def _names() -> Iterator[tuple[str, bytes]]:
    joined = Call(Global("operator", "concat"), ("o", "s"))
    yield "computed-module", stream(Raw(code(joined) + text("mkdir") + b"\x93" + code((CANARY,)) + b"R"))
    lowered = Call(Global("builtins", "str.lower"), ("MKDIR",))
    yield "computed-name", stream(Raw(text("posix") + code(lowered) + b"\x93" + code((CANARY,)) + b"R"))
    yield (
        "unicode-escapes",
        b"cos\nmkdir\n(V" + "".join(f"\\u{ord(c):04x}" for c in CANARY).encode() + b"\ntR.",
    )
    escaped = b"S'\\x6f\\x73'\nS'\\x6d\\x6b\\x64\\x69\\x72'\n\x93"
    yield "string-escapes", b"\x80\x04" + escaped + code((CANARY,)) + b"R."
    binary = b"U\x02osU\x05mkdir\x93" + code((CANARY,)) + b"R."
    yield "python2-strings", b"\x80\x04" + binary
    long = b"\x8d" + struct.pack("<Q", 2) + b"os\x8d" + struct.pack("<Q", 5) + b"mkdir\x93"
    yield "eight-byte-lengths", b"\x80\x04" + long + code((CANARY,)) + b"R."
    for old, name in (
        ("__builtin__", "open"),
        ("dumbdbm", "open"),
        ("urllib", "urlretrieve"),
        ("commands", "getoutput"),
    ):
        arguments: dict[str, tuple[Node, ...]] = {
            "dumbdbm": (CANARY, "n"),
            "urllib": ("data:,x", CANARY),
            "commands": (f"mkdir {CANARY}",),
        }
        yield (
            f"python2-name-{old.strip('_')}",
            stream(Call(Global(old, name), arguments.get(old, (CANARY, "w"))), 2),
        )


def _breaking() -> Iterator[tuple[str, bytes]]:
    payload = b"\x80\x04" + code(OPEN)
    yield "no-stop", payload
    yield "invalid-opcode-after", payload + b"\xff\xfe\xfd."
    yield "stack-underflow-after", payload + b"0000."
    yield "unknown-global-after", payload + b"cno.such.module\nthing\n."
    yield "truncated-string-after", payload + b"\x8c\xffshort"
    yield "garbage-after-stop", stream(OPEN) + b"\x00" * 64 + b"trailing"
    yield "protocol-claims-more", b"\x80\x05" + code(OPEN, 2) + b"."
    yield "protocol-claims-less", b"\x80\x01" + code(OPEN, 4) + b"."
    yield "protocol-twice", b"\x80\x02\x80\x04\x80\x00" + code(OPEN, 4) + b"."
    yield "no-protocol", code(OPEN, 4) + b"."
    framed = code(OPEN) + b"."
    yield "frame", b"\x80\x04\x95" + struct.pack("<Q", len(framed)) + framed
    yield "frame-too-short", b"\x80\x04\x95" + struct.pack("<Q", 4) + framed
    yield (
        "frame-in-frame",
        b"\x80\x04\x95"
        + struct.pack("<Q", len(framed) + 9)
        + b"\x95"
        + struct.pack("<Q", len(framed))
        + framed,
    )
    yield "after-much-noise", b"\x80\x04" + b"(1" * 50_000 + code(OPEN) + b"."
    yield "after-long-string", b"\x80\x04" + text("x" * 300_000) + b"0" + code(OPEN) + b"."
    yield "below-deep-nesting", b"\x80\x04" + b"]" * 2_000 + code(OPEN) + b"a" * 2_000 + b"."
    yield (
        "as-python2-long",
        b"\x80\x02\x8a\x0a" + b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" + b"0" + code(OPEN, 2) + b".",
    )


def _several() -> Iterator[tuple[str, bytes]]:
    good = pickle.dumps({"epoch": 1}, 4)
    yield "second-stream", good + stream(OPEN)
    yield "hundredth-stream", good * 99 + stream(MKDIR)
    yield "second-stream-protocol-0", good + stream(OPEN, 0)
    yield "between-streams", good + stream(MKDIR, 2) + good


def stream_shapes() -> Iterator[Shape]:
    """Raw pickle files."""
    groups = (
        ("pickle protocols", _protocols, "pickle"),
        ("pickle opcodes", _opcodes, "pickle"),
        ("pickle memo", _memo, "pickle"),
        ("pickle names", _names, "pickle"),
        ("broken but loadable", _breaking, "pickle"),
        ("several streams", _several, "pickles"),
    )
    for family, made, loader in groups:
        for name, content in made():
            yield Shape(f"pickle-{name}", family, "opens a file for writing", loader, {"model.pkl": content})
