"""What the tests of weights have in common: a piece in memory, one look, and files broken by chance."""

from pathlib import Path

from hypothesis import strategies as st

from tocsin.assure import Examiner, Piece, Told
from tocsin.assure.pieces import Held
from tocsin.kernel.artefacts import Finding, Severity

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "weights"


def vector(name: str) -> bytes:
    """A file as a real library wrote it."""
    return (VECTORS / name).read_bytes()


def held(data: bytes, path: str = "model.bin") -> Piece:
    """Bytes as a piece."""
    return Held(path, data)


def look(examiner: Examiner, data: bytes, path: str = "model.bin") -> list[Told]:
    """All that an examiner tells of bytes that it recognises."""
    piece = held(data, path)
    known = examiner.recognises(piece)
    assert known, "the examiner does not recognise the piece"
    return list(examiner.examine(piece, known))


def rules(told: list[Told]) -> list[str]:
    """The rules of all findings that change a verdict."""
    return [item.rule for item in told if isinstance(item, Finding) and item.severity is not Severity.NOTE]


def found(examiner: Examiner, data: bytes, path: str = "model.bin") -> list[str]:
    """The rules that bytes break."""
    return rules(look(examiner, data, path))


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` cut short, or with a few bytes changed."""
    if draw(st.booleans()):
        return data[: draw(st.integers(0, len(data)))]
    changed = bytearray(data)
    for at, value in draw(
        st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), min_size=1, max_size=4)
    ):
        changed[at] = value
    return bytes(changed)
