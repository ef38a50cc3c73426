"""Pickles assembled by hand, each harmless: what they call is `os.getpid`, or a name that is only named.

SHAPES must be *found*; ODD must at least not be clean.
"""

import pickle
import struct

STOP = b"."


def text(value: str) -> bytes:
    """SHORT_BINUNICODE."""
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def long_text(value: str) -> bytes:
    """BINUNICODE."""
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def named(module: str, name: str) -> bytes:
    """GLOBAL."""
    return f"c{module}\n{name}\n".encode()


def stacked(module: str, name: str) -> bytes:
    """STACK_GLOBAL."""
    return text(module) + text(name) + b"\x93"


def called(module: str, name: str, *arguments: bytes) -> bytes:
    """GLOBAL, a tuple, REDUCE."""
    return named(module, name) + b"(" + b"".join(arguments) + b"tR"


def proto(number: int, body: bytes) -> bytes:
    return b"\x80" + bytes([number]) + body + STOP


def framed(body: bytes, length: int | None = None) -> bytes:
    return b"\x80\x04\x95" + struct.pack("<Q", len(body) if length is None else length) + body


GETPID = called("os", "getpid")

LOADER = named("torch.storage", "_load_from_bytes")
"""An allowed name that calls a loader: its bytes are looked into when it is called, and it may not be called unseen."""

CALLS = {
    "exec": ("builtins", "exec"),
    "eval-py2": ("__builtin__", "eval"),
    "import": ("builtins", "__import__"),
    "getattr": ("builtins", "getattr"),
    "setattr": ("builtins", "setattr"),
    "posix": ("posix", "system"),
    "nt": ("nt", "system"),
    "popen": ("subprocess", "Popen"),
    "commands-py2": ("commands", "getoutput"),
    "runpy": ("runpy", "run_path"),
    "pip": ("pip", "main"),
    "pip-internal": ("pip._internal.cli.main", "main"),
    "timeit": ("timeit", "timeit"),
    "webbrowser": ("webbrowser", "open"),
    "ctypes": ("ctypes", "CDLL"),
    "logging": ("logging.config", "listen"),
    "idlelib": ("idlelib.pyshell", "ModifiedInterpreter.runcommand"),
    "asyncio": ("asyncio.unix_events", "_UnixSubprocessTransport._start"),
    "bdb": ("bdb", "Bdb.run"),
    "cprofile": ("cProfile", "run"),
    "code": ("code", "interact"),
    "code-type": ("types", "CodeType"),
    "function-type": ("types", "FunctionType"),
    "marshal": ("marshal", "loads"),
    "pickle-in-pickle": ("pickle", "loads"),
    "_pickle": ("_pickle", "loads"),
    "dill-function": ("dill._dill", "_create_function"),
    "dill-code": ("dill._dill", "_create_code"),
    "dill-type": ("dill._dill", "_load_type"),
    "cloudpickle-function": ("cloudpickle.cloudpickle", "_make_function"),
    "cloudpickle-type": ("cloudpickle.cloudpickle", "_builtin_type"),
    "dynamo": ("torch._dynamo.guards", "GuardBuilder.get"),
    "inductor": ("torch._inductor.codecache", "compile_file"),
    "torch-load": ("torch", "load"),
    "torch-hub": ("torch.hub", "load"),
    "torch-jit": ("torch.jit", "load"),
    "torch-reductions": ("torch.multiprocessing.reductions", "rebuild_storage_filename"),
    "dotted-torch": ("torch", "serialization.os.system"),
    "dotted-numpy": ("numpy", "core.multiarray._reconstruct"),
    "dotted-allowed": ("collections", "OrderedDict.fromkeys"),
    "numpy-load": ("numpy", "load"),
    "numpy-runstring": ("numpy.testing._private.utils", "runstring"),
    "numpy-f2py": ("numpy.f2py.crackfortran", "getlincoef"),
    "numpy-memmap": ("numpy", "memmap"),
    "joblib-load": ("joblib", "load"),
    "joblib-batched": ("joblib._parallel_backends", "SequentialBackend"),
    "pandas-read": ("pandas", "read_pickle"),
    "pandas-eval": ("pandas.core.computation.eval", "eval"),
    "partial": ("functools", "partial"),
    "reduce": ("functools", "reduce"),
    "attrgetter": ("operator", "attrgetter"),
    "methodcaller": ("_operator", "methodcaller"),
    "starmap": ("itertools", "starmap"),
    "map": ("builtins", "map"),
    "add-extension": ("copyreg", "add_extension"),
    "codecs-open": ("codecs", "open"),
    "uuid-system": ("uuid", "_get_command_stdout"),
    "unknown-library": ("some_library.layers", "rebuild"),
}
"""Names that no model file calls so, by what they are for."""

MAY_BE_NAMED = {"numpy-memmap", "dill-type"}
"""joblib mentions the one, dill calls the other with one word."""


def _long_memo() -> bytes:
    """The name is put into the memo in two parts, and taken out again elsewhere."""
    return proto(4, text("os") + b"\x940" + text("getpid") + b"q\x070" + b"h\x00h\x07\x93)R" + b"0N")


def _overwritten_memo() -> bytes:
    """An allowed name, then the memo's place is overwritten."""
    return proto(
        2, b"X\x05\x00\x00\x00arrayq\x00" + text("os") + b"q\x000" + b"h\x00" + text("getpid") + b"\x93)R"
    )


def _after_frame_trick() -> bytes:
    """The frame ends in the middle of an opcode: C reads on."""
    body = stacked("os", "getpid") + b")R"
    return framed(body, 3) + STOP


def in_storage() -> bytes:
    """torch's storage in bytes, whose bytes are a pickle that calls."""
    inner = proto(2, GETPID)
    return proto(2, called("torch.storage", "_load_from_bytes", b"C" + bytes([len(inner)]) + inner))


SHAPES: dict[str, bytes] = {
    **{f"global-{key}": proto(2, called(*name)) for key, name in CALLS.items()},
    **{f"stack-{key}": proto(4, stacked(*name) + b")R") for key, name in CALLS.items()},
    **{f"named-{key}": proto(3, named(*name)) for key, name in CALLS.items() if key not in MAY_BE_NAMED},
    "protocol-0": b"cos\ngetpid\n(tR.",
    "protocol-0-inst": b"(ios\ngetpid\n.",
    "protocol-1-obj": b"(cos\ngetpid\no.",
    "newobj": proto(2, named("os", "getpid") + b")\x81"),
    "newobj-ex": proto(4, stacked("os", "getpid") + b")}\x92"),
    "dup": proto(2, named("os", "getpid") + b"2)R"),
    "in-a-list": proto(2, b"](" + GETPID + b"K\x01e"),
    "as-a-key": proto(2, b"}" + GETPID + b"Ns"),
    "in-a-state": proto(
        2, named("collections", "OrderedDict") + b")R}" + text("hook") + named("os", "getpid") + b"sb"
    ),
    "default-factory": proto(2, called("collections", "defaultdict", named("os", "getpid"))),
    "popped": proto(2, GETPID + b"0N"),
    "in-a-mark-that-is-dropped": proto(2, b"(" + GETPID + b"1N"),
    "after-another": pickle.dumps([1]) + proto(2, GETPID),
    "after-twenty": pickle.dumps(None) * 20 + proto(2, GETPID),
    "broken-after": proto(2, GETPID)[:-1] + b"\xff\xff",
    "truncated-after": proto(2, GETPID)[:-1],
    "unknown-opcode-after": proto(2, GETPID)[:-1] + b"\x05N.",
    "high-protocol-after": proto(2, GETPID)[:-1] + b"\x80\x7fN.",
    "proto-in-the-middle": b"\x80\x02N0\x80\x04" + stacked("os", "getpid") + b")R.",
    "proto-0": b"\x80\x00" + GETPID + STOP,
    "memo-in-two-parts": _long_memo(),
    "memo-overwritten": _overwritten_memo(),
    "memo-far": proto(2, named("os", "getpid") + b"r\xff\xff\x00\x000j\xff\xff\x00\x00)R"),
    "memo-in-text": b"cos\ngetpid\np7\n0g7\n(tR.",
    "name-over-the-frame": _after_frame_trick(),
    "frame-too-long": framed(stacked("os", "getpid") + b")R.", 1 << 40),
    "frame-in-a-frame": b"\x80\x04\x95" + struct.pack("<Q", 40) + b"\x95" + struct.pack("<Q", 3)
    + stacked("os", "getpid") + b")R." + b"N" * 20,
    "carriage-return": b"\x80\x02cos\r\ngetpid\r\n)R.",
    "spaces": b"\x80\x02c os \ngetpid\n)R.",
    "string-names": b"\x80\x02U\x02osU\x06getpid\x93)R.",
    "string-names-0": b"S'os'\nS'getpid'\n\x93(tR.",
    "escaped-string-names": b"S'\\x6fs'\nS'getpid'\n\x93(tR.",
    "unicode-escape-names": b"V\\u006fs\nVgetpid\n\x93(tR.",
    "long-module": proto(4, long_text("os." + "a" * 300) + text("getpid") + b"\x93)R"),
    "computed-name": proto(2, text("os") + named("builtins", "str") + text("getpid") + b"\x85\x81\x93)R"),
    "call-of-a-call": proto(2, called("collections", "OrderedDict") + b")R"),
    "call-of-an-allowed-class": proto(2, named("torch.nn.modules.linear", "Linear") + b"K\x01K\x02\x86R"),
    "other-codec": proto(2, called("_codecs", "encode", text("abc"), text("rot13"))),
    "codec-without-a-name": proto(2, called("_codecs", "encode", text("abc"))),
    "object-scalar": proto(
        2,
        named("numpy.core.multiarray", "scalar")
        + called("numpy", "dtype", text("O8"), b"\x89", b"\x88") + b"C\x08AAAAAAAA\x86R",
    ),
    "object-scalar-by-a-class": proto(
        2,
        named("numpy.core.multiarray", "scalar")
        + called("numpy", "dtype", named("collections", "Counter"), b"\x89", b"\x88")
        + b"(K\x03" + text("|") + b"NNNK\x08K\x08K\x00tb" + b"C\x08AAAAAAAA\x86R",
    ),
    "object-scalar-by-a-long-name": proto(
        2,
        named("numpy.core.multiarray", "scalar") + called("numpy", "dtype", text("object"), b"\x89", b"\x88")
        + b"(K\x03" + text("|") + b"NNNK\x08K\x08K\x00tb" + b"C\x08AAAAAAAA\x86R",
    ),
    "object-hidden-in-a-structure": proto(
        2,
        named("numpy.core.multiarray", "scalar") + called("numpy", "dtype", text("V8"), b"\x89", b"\x88")
        + b"(K\x03" + text("|") + b"N" + text("a") + b"\x85}" + text("a")
        + called("numpy", "dtype", text("O8"), b"\x89", b"\x88") + b"K\x00\x86s" + b"K\x08K\x01K\x00tb"
        + b"C\x08AAAAAAAA\x86R",
    ),
    "object-buffer": proto(
        2,
        named("numpy.core.numeric", "_frombuffer") + b"(C\x08AAAAAAAA"
        + called("numpy", "dtype", text("O8"), b"\x89", b"\x88") + b"K\x01\x85" + text("C") + b"tR",
    ),
    "huge-empty-array": proto(
        2,
        named("numpy.core.multiarray", "_reconstruct") + named("numpy", "ndarray")
        + b"\x8a\x06\xff\xff\xff\xff\xff\x7f\x85C\x01b\x87R",
    ),
    "memmap-made": proto(2, named("numpy", "memmap") + text("a-file") + text("u1") + text("w+") + b"\x87\x81"),
    "wish-for-memory": proto(2, called("builtins", "bytearray", b"J\xff\xff\xff\x7f")),
    "state-of-a-class": proto(
        2, named("collections", "OrderedDict") + b"N}" + text("keys") + named("builtins", "list") + b"s\x86b"
    ),
    "state-of-a-function": proto(2, named("_codecs", "encode") + b"}b"),
    "items-of-a-class": proto(2, named("collections", "OrderedDict") + text("a") + b"Ns"),
    "reconstructor": proto(
        1, called("copy_reg", "_reconstructor", named("os", "_wrap_close"), named("__builtin__", "object"), b"N")
    ),
    "tensor-by-another-function": proto(
        2,
        named("torch._tensor", "_rebuild_from_type_v2") + b"(" + named("builtins", "print")
        + named("torch", "Tensor") + b")}tR",
    ),
    "tensor-by-a-class": proto(
        2,
        named("torch._tensor", "_rebuild_from_type_v2") + b"(" + named("torch.nn.modules.linear", "Linear")
        + named("torch", "Tensor") + b"K\x01K\x02\x86}tR",
    ),
    "array-by-another-function": proto(
        2, named("dill._dill", "_create_array") + b"(" + named("os", "getpid") + b"))NtR"
    ),
    "code-by-dills-name": proto(2, called("dill._dill", "_load_type", text("CodeType"))),
    "setstate-as-an-attribute": proto(
        2, called("types", "SimpleNamespace") + b"}" + text("__setstate__") + LOADER + b"sb" + b"C\x01.b"
    ),
    "setstate-as-a-key": proto(
        2,
        called("lightning.fabric.utilities.data", "AttributeDict")
        + text("__setstate__") + LOADER + b"s" + b"C\x01.b",
    ),
    "setstate-after-the-state": proto(
        2, called("types", "SimpleNamespace") + b"}q\x00bh\x00" + text("__setstate__") + LOADER + b"s0C\x01.b"
    ),
    "setstate-of-a-parameter": proto(
        2,
        named("torch._tensor", "_rebuild_from_type_v2") + b"("
        + named("torch.jit._pickle", "restore_type_tag") + named("torch", "Tensor")
        + b"N" + text("x") + b"\x86}" + text("__setstate__") + LOADER + b"stR",
    ),
    "address-as-an-attribute": proto(
        2,
        named("pandas", "Series")
        + called("types", "SimpleNamespace") + b"}" + text("__array_interface__") + b"}sb" + b"\x85R",
    ),
    "key-that-never-ends": proto(2, b"}(" + b")" + b"2\x86" * 60 + b"Nu"),
    "number-that-never-ends": proto(2, called("fractions", "Fraction", text("1e999999999"))),
    "state-of-a-dictionary": proto(2, b"}2b"),
    "extension": proto(2, b"\x82\x01)R"),
    "extension-2": proto(2, b"\x83\x01\x02)R"),
    "persistent": proto(2, text("anything") + b"Q"),
    "persistent-0": b"Panything\n.",
    "generator-by-a-class": proto(
        2, called("numpy.random._pickle", "__generator_ctor", text("PCG64"), named("pathlib", "Path"))
    ),
}  # fmt: skip

ODD: dict[str, bytes] = {
    "truncated": pickle.dumps(list(range(50)), 4)[:-10],
    "no-stop": b"\x80\x02N",
    "unknown-opcode": b"\x80\x02N\xff.",
    "out-of-band": b"\x80\x05\x97.",
    "frame-too-short": framed(b"K\x01K\x02\x86.", 3),
    "frame-after-the-end": framed(b"N.", 200),
    "stop-within-a-frame": framed(b"N.", 4) + b"N.",
    "number-with-underscores": b"I1_0\n.",
    "state-of-a-list": b"\x80\x02]}b.",
    "key-without-a-value": b"\x80\x02}(Nu.",
    "get-of-nothing": b"\x80\x02h\x05.",
    "attributes-that-cannot-be-told": proto(
        2, called("types", "SimpleNamespace") + called("collections", "OrderedDict", b"](](e" + b"Ne") + b"b"
    ),
    "attributes-by-a-computed-name": proto(
        2,
        called("types", "SimpleNamespace")
        + b"}"
        + named("builtins", "str")
        + text("__setstate__")
        + b"\x85\x81"
        + LOADER
        + b"sb",
    ),
    "bytes-as-a-name": proto(
        2, called("_codecs", "encode", long_text("getpid"), text("latin1")) + text("os") + b"\x93)R"
    ),
    "pop-too-much": b"\x80\x0200.",
    "text-after": pickle.dumps([1]) + b"and then some text",
    "zip-after": pickle.dumps([1]) + b"PK\x03\x04",
}
