"""Pickles that only use names an allowlist may well hold: rebuilders of numpy, torch, pandas, scikit-learn."""

from collections.abc import Iterator

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
)
from benchmarks.assure_corpus.shape import CANARY, Shape

_MEMMAP: Node = Global("numpy", "memmap")
_MEMMAP_STATE: Node = Mapped(
    (("filename", CANARY), ("dtype", "u1"), ("mode", "w+"), ("offset", 0), ("shape", (1,)))
)
_ARRAY: Node = Call(Global("numpy.core.multiarray", "_reconstruct"), (Global("numpy", "ndarray"), (0,), b"b"))
_MKDIR: Node = Global("os", "mkdir")
_EMPTY: Node = Mapped(())
_FRAME: Node = Call(Global("pandas.core.frame", "DataFrame"))
_SERIES: Node = Call(Global("pandas.core.series", "Series"), (Listed((CANARY,)),))
_WALK: Node = Mapped((("__setstate__", Global("shutil", "os.mkdir")),))

NODES: dict[str, tuple[str, Node]] = {
    "memmap-newobj": ("numpy", New(_MEMMAP, (CANARY, "u1", "w+", 0, (1,)))),
    "memmap-by-index": (
        "pandas",
        Call(Global("pandas.core.indexes.base", "_new_Index"), (_MEMMAP, _MEMMAP_STATE)),
    ),
    "generator-constructor": (
        "numpy",
        Call(Global("numpy.random._pickle", "__generator_ctor"), (CANARY, _MKDIR)),
    ),
    "generator-memory": (
        "joblib",
        Call(Global("numpy.random._pickle", "__generator_ctor"), (CANARY, Global("joblib", "Memory"))),
    ),
    "ndarray-dump": ("numpy", Call(Global("numpy", "ndarray.dump"), (_ARRAY, CANARY))),
    "fromfile-storage": ("torch", Call(Global("torch", "FloatStorage.from_file"), (CANARY, True, 1))),
    "rebuild-from-type": (
        "torch",
        Call(
            Global("torch._tensor", "_rebuild_from_type_v2"),
            (_MKDIR, Global("torch", "Tensor"), (CANARY,), None),
        ),
    ),
    "module-apply": (
        "torch",
        Call(
            Global("torch.nn.modules.module", "Module.register_module"),
            (Call(Global("torch.nn.modules.module", "Module")), CANARY, Call(_MKDIR, (CANARY,))),
        ),
    ),
    "svmlight": (
        "sklearn",
        Call(
            Global("sklearn.datasets", "dump_svmlight_file"),
            (Listed((Listed((1.0,)),)), Listed((1.0,)), CANARY),
        ),
    ),
    "svmlight-private": (
        "sklearn",
        Call(
            Global("sklearn.datasets._svmlight_format_io", "dump_svmlight_file"),
            (Listed((Listed((1.0,)),)), Listed((1.0,)), CANARY),
        ),
    ),
    "sklearn-function-transformer": (
        "sklearn",
        Call(
            Global("sklearn.preprocessing._function_transformer", "FunctionTransformer.fit_transform"),
            (
                Call(Global("sklearn.preprocessing._function_transformer", "FunctionTransformer"), (_MKDIR,)),
                CANARY,
            ),
        ),
    ),
    "joblib-memory": ("joblib", Call(Global("joblib.memory", "Memory"), (CANARY,))),
    "scipy-save": ("scipy", Call(Global("scipy.io", "savemat"), (CANARY, _EMPTY))),
    "frame-to-pickle": (
        "pandas",
        Call(
            Global("pandas.core.frame", "DataFrame.to_pickle"),
            (Call(Global("pandas.core.frame", "DataFrame")), CANARY),
        ),
    ),
    "frame-to-csv": (
        "pandas",
        Call(
            Global("pandas.core.frame", "DataFrame.to_csv"),
            (Call(Global("pandas.core.frame", "DataFrame")), CANARY),
        ),
    ),
    "frame-apply": (
        "pandas",
        Call(
            Global("pandas.core.series", "Series.map"),
            (Call(Global("pandas.core.series", "Series"), (Listed((CANARY,)),)), _MKDIR),
        ),
    ),
    "partial-setstate": (
        "",
        Call(
            Built(
                Call(Global("functools", "partial"), (Global("collections", "OrderedDict"),)),
                (_MKDIR, (CANARY,), _EMPTY, _EMPTY),
            )
        ),
    ),
    "reconstructor-connection": (
        "",
        Call(
            Global("copyreg", "_reconstructor"),
            (Global("sqlite3", "Connection"), Global("sqlite3", "Connection"), CANARY),
        ),
    ),
    "slots-setattr": (
        "",
        Built(
            Built(New(Global("types", "SimpleNamespace")), (None, Mapped((("__setstate__", _MKDIR),)))),
            CANARY,
        ),
    ),
    "class-setattr": (
        "",
        Raw(
            code(
                Built(
                    Global("argparse", "Namespace"),
                    (None, Mapped((("__setstate__", Global("shutil", "os.mkdir")),))),
                )
            )
            + b"0"
            + code(Built(New(Global("argparse", "Namespace")), CANARY))
        ),
    ),
    "ordered-dict-update": (
        "",
        Call(
            Global("collections", "OrderedDict"),
            (New(Global("builtins", "map"), (_MKDIR, Listed((CANARY,)))),),
        ),
    ),
    "set-of-map": (
        "",
        Call(Global("builtins", "set"), (New(Global("builtins", "map"), (_MKDIR, Listed((CANARY,)))),)),
    ),
}
"""By the library that it takes, "" for none."""


def rebuilder_shapes() -> Iterator[Shape]:
    """What an allowlist by module or by prefix lets through."""
    for name, (needs, node) in NODES.items():
        does = "has what rebuilds a value make a file"
        yield Shape(f"rebuild-{name}", "rebuilders", does, "pickle", {"model.pkl": stream(node)}, needs=needs)
    does = "imports a module that lies beside it, by the name of one that is allowed"
    beside = f"open({CANARY!r}, 'w')\n\n\nclass Booster:\n    pass\n".encode()
    for file, module in (("__torch__/evil.py", "__torch__.evil"), ("lightgbm/basic.py", "lightgbm.basic")):
        files = {"model.pkl": stream(New(Global(module, "Booster"))), file: beside}
        yield Shape(f"rebuild-beside-{module}", "rebuilders", does, "pickle-here", files)
    doubled = b"".join(b"q" + bytes([n]) + b"h" + bytes([n]) + b"\x86" for n in range(60))
    bomb = b"\x80\x02}(" + b")" + doubled + b"Nu."
    yield Shape(
        "rebuild-hash-bomb",
        "rebuilders",
        "never ends: a key that takes 2^60 steps to hash",
        "",
        {"model.pkl": bomb},
    )
    number = stream(Call(Global("fractions", "Fraction"), ("1e999999999",)))
    yield Shape(
        "rebuild-endless-number", "rebuilders", "never ends, and takes all memory", "", {"model.pkl": number}
    )
