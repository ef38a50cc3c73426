"""What the tests of pickles share: every examiner over a piece and what lies in it, and the verdict."""

from pathlib import Path

from tocsin.assure import Examiner, Nested, Piece
from tocsin.assure.pickles import NumpyExaminer, PickleExaminer
from tocsin.assure.pieces import Held
from tocsin.kernel.artefacts import ArtefactVerdict, Fact, Finding, worst

VECTORS = Path(__file__).parents[2] / "vectors" / "pickles"
EXAMINERS: tuple[Examiner, ...] = (PickleExaminer(), NumpyExaminer())


def everything(piece: Piece, forced: str = "") -> tuple[list[Finding], list[Fact], list[str]]:
    """Findings, facts and formats, of the piece and of those in it."""
    findings: list[Finding] = []
    facts: list[Fact] = []
    formats: list[str] = []
    for examiner in EXAMINERS:
        known = examiner.recognises(piece) or (forced if examiner.name == forced else "")
        if not known:
            continue
        formats.append(known)
        for told in examiner.examine(piece, known):
            if isinstance(told, Finding):
                findings.append(told)
            elif isinstance(told, Fact):
                facts.append(told)
            elif isinstance(told, Nested):
                inner = everything(told.piece, told.format)
                findings += inner[0]
                facts += inner[1]
                formats += inner[2]
    return findings, facts, formats


def findings_of(data: bytes, name: str = "a.pkl") -> list[Finding]:
    return everything(Held(name, data))[0]


def rules_of(data: bytes, name: str = "a.pkl") -> set[str]:
    return {found.rule.removeprefix("pickle.") for found in findings_of(data, name)}


def verdict_of(data: bytes, name: str = "a.pkl") -> ArtefactVerdict:
    """Of what was recognised; what was not is not examined."""
    findings, _, formats = everything(Held(name, data))
    if not formats:
        return ArtefactVerdict.NOT_EXAMINED
    return worst(ArtefactVerdict.CLEAN, *(found.verdict for found in findings))
