"""Code that a configuration names and a loader would run: the file, what it reaches for, or that it is not there."""

from collections.abc import Iterator, Mapping

from tocsin.assure.examining import Piece, finding
from tocsin.assure.texts.named_code import names_in
from tocsin.assure.texts.reading import text_of
from tocsin.kernel.artefacts import Fact, Finding

MAX_CONFIG_BYTES = 4_194_304
MAX_CODE_BYTES = 4_000_000
_BY_NAME = ("custom_generate/generate.py", "handler.py")
"""Run without being named: by transformers' `custom_generate`, and by hosted endpoints."""


class CodeBeside:
    """`auto_map` and its kin, followed to the files they name."""

    name = "code-beside"
    version = 1

    def examine(self, pieces: Mapping[str, Piece], formats: Mapping[str, str]) -> Iterator[Finding | Fact]:
        told: set[str] = set()
        for path in sorted(pieces):
            for module in _modules_named(pieces[path]):
                code = f"{path.rpartition('/')[0]}/{module}".lstrip("/")
                if code not in told:
                    told.add(code)
                    yield from _judged(pieces.get(code), code, path)
        for path in sorted(pieces):
            if path.endswith(_BY_NAME) and path not in told:
                yield from _judged(pieces[path], path, path)


def _modules_named(piece: Piece) -> Iterator[str]:
    if not piece.path.casefold().endswith(".json") or piece.size > MAX_CONFIG_BYTES:
        return
    from tocsin.assure.texts.strict_json import objects_in, read_json

    value, wrong = read_json(piece)
    if wrong is not None:
        return  # told by who reads the file
    for _, item in objects_in(value):
        for key in ("auto_map", "custom_pipelines"):
            for name in sorted(names_in(item.get(key))):
                if "--" not in name and "." in name:
                    yield name.rpartition(".")[0].replace(".", "/") + ".py"


def _judged(piece: Piece | None, code: str, named_in: str) -> Iterator[Finding]:
    if piece is None:
        yield finding("code.missing", named_in, code=code)
        return
    text, wrong = text_of(piece, MAX_CODE_BYTES)
    if wrong is not None:
        yield wrong
        return
    from tocsin.assure.texts.python_code import NotPython, reached_by

    try:
        reached = reached_by(text)
    except NotPython as error:
        yield finding("python.not-parsed", code, why=str(error))
        return
    yield finding("code.named", code, named_in=named_in)
    kinds = sorted({one.kind for one in reached})
    if kinds:
        names = sorted({one.name for one in reached})
        yield finding(
            "code.named-reaches", code, named_in=named_in, kinds=", ".join(kinds), names=", ".join(names)
        )
