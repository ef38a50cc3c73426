"""Code beside the weights: Python by its syntax tree, shell scripts by what they fetch. None of it is run here.

A loader runs Python only when a configuration names it (`code_beside`) or a person imports it; so its mere presence is
a note, and what importing alone would do is a finding.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.texts.reading import text_of
from tocsin.kernel.artefacts import Finding

if TYPE_CHECKING:  # heavy: only Python needs it
    from tocsin.assure.texts.python_code import Reach

MAX_CODE_BYTES = 4_000_000
_SHELL_NAMES = (".sh", ".bash", ".zsh", ".bat", ".cmd", ".ps1")
_SHEBANG = re.compile(
    rb"^#!\s*/\S*?(python|sh)\b|^#!\s*/usr/bin/env\s+(?:-S\s+)?(python|sh|bash|zsh)|^#!\s*/\S*/(?:ba|z|da|k)(sh)\b"
)

_PATH_FILE = re.compile(rb"(?m)\A[\t\n\r -~]*?^import[ \t]")
"""Python's `site` runs each line of a .pth file that begins so."""

FETCH_AND_RUN = re.compile(
    r"(?i)\b(?:curl|wget|iwr|invoke-webrequest|fetch)\b[^\n|;&]{0,300}\|\s*(?:sudo\s+)?(?:\S*/)?(?:ba|z|da|k)?sh\b"
    r"|\b(?:curl|wget)\b[^\n|;&]{0,300}\|\s*(?:sudo\s+)?python"
    r"|(?:ba|z)?sh\s+<\(\s*(?:curl|wget)"
    r"|(?:ba|z)?sh\s+-c\s+[\"']?\$\((?:curl|wget)"
    r"|base64\s+(?:-d|--decode|-D)\b[^\n]{0,100}\|\s*(?:sudo\s+)?(?:\S*/)?(?:ba|z|da)?sh\b"
    r"|\biex\b[^\n]{0,60}\b(?:downloadstring|iwr|invoke-webrequest)"
    r"|/dev/tcp/"
)


class CodeFiles:
    """By the first line or by the name."""

    name = "code-files"
    version = 1

    def recognises(self, piece: Piece) -> str:
        last = piece.path.rpartition("/")[2].casefold()
        if last.endswith((".py", ".pyw", ".pyi")):
            return "python"
        if last.endswith(_SHELL_NAMES):
            return "shell"
        if last.endswith(".pth"):  # of Python's start, or of torch: then it is no text
            return "python" if _PATH_FILE.search(piece.read(0, 4_096)) else ""
        shebang = _SHEBANG.match(piece.read(0, 128))
        if shebang is None:
            return ""
        return "python" if "python" in shebang[0].decode("ascii", "replace") else "shell"

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        text, wrong = text_of(piece, MAX_CODE_BYTES)
        if wrong is not None:
            yield wrong
        elif piece.path.casefold().endswith(".pth"):
            yield finding("python.path-file", piece.path)
        elif format_name == "shell":
            yield from told_by_shell(text, piece.path)
        else:
            yield from told_by_python(text, piece.path)


def told_by_python(text: str, path: str) -> Iterator[Finding]:
    """Findings on one module."""
    from tocsin.assure.texts.python_code import NotPython, reached_by

    try:
        reached = reached_by(text)
    except NotPython as error:
        yield finding("python.not-parsed", path, why=str(error))
        return
    yield finding("python.beside", path)
    yield from told_of(reached, path)


def told_of(reached: "list[Reach]", path: str) -> Iterator[Finding]:
    """One finding a kind: what importing does, and what calling would do."""
    told: set[tuple[str, bool]] = set()
    for one in reached:
        if (one.kind, one.at_import) in told:
            continue
        told.add((one.kind, one.at_import))
        place = f"line {one.line}"
        if one.kind == "encoded code":
            yield finding("python.encoded-code", path, field=place, named=one.name)
        elif one.at_import:
            yield finding("python.runs-at-import", path, field=place, kind=one.kind, named=one.name)
        else:
            yield finding("python.reaches", path, field=place, kind=one.kind, named=one.name)


def told_by_shell(text: str, path: str) -> Iterator[Finding]:
    """Findings on one script."""
    yield finding("shell.beside", path)
    for match in FETCH_AND_RUN.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield finding("shell.fetches-and-runs", path, field=f"line {line}", said=match[0][:80])
        return
