"""The words of a case, as they lie sealed: what is put where, and how a case is filled with them for who may read."""

from collections.abc import Mapping

import msgspec

from tocsin.app.case_keys import label
from tocsin.cases.deciding import TEXTS
from tocsin.kernel.cases import Case, CaseWords
from tocsin.kernel.disposing import Appeal, Disposition
from tocsin.trust.seal import Seal

WORDS, PROPOSAL, DISPOSITION, JUDGEMENT = "words", "proposal", "disposition", "judgement"
NOTE = "note"
APPEAL, TOLD = "appeal", "told"
"""Left from outside: sealed so that the node itself cannot open it again (`CaseKeys.leave`)."""

_ENCODE = msgspec.msgpack.Encoder().encode
_WORDS = msgspec.msgpack.Decoder(CaseWords)
_DISPOSITION = msgspec.msgpack.Decoder(Disposition)


class CaseFile(msgspec.Struct, frozen=True):
    """Everything said in a case, opened. Notes and appeals by the number of the act that they came with."""

    words: CaseWords
    notes: Mapping[int, str]
    told: Mapping[int, str]
    """What who reported it added."""
    appeals: Mapping[int, str]


def of_words(words: CaseWords) -> bytes:
    """Without its notes: each lies by itself."""
    return _ENCODE(msgspec.structs.replace(words, notes=()))


def words_in(plain: bytes) -> CaseWords:
    return _WORDS.decode(plain)


def of_disposition(disposition: Disposition) -> bytes:
    """The whole of it."""
    return _ENCODE(disposition)


def disposition_in(plain: bytes) -> Disposition:
    return _DISPOSITION.decode(plain)


def bare(disposition: Disposition) -> Disposition:
    """A disposition as it lies open: what was decided, and nobody's words or name."""
    return msgspec.structs.replace(
        disposition, **dict.fromkeys(TEXTS, ""), accountability=(), attribution=None
    )


def numbered(what: str, number: int) -> str:
    """The name of a text that came with an act: none is written over."""
    return f"{what}/{number}"


def latest(texts: Mapping[str, bytes], what: str) -> str | None:
    """The name of the newest text of a kind."""
    numbers = [int(name.partition("/")[2]) for name in texts if name.startswith(f"{what}/")]
    return numbered(what, max(numbers)) if numbers else None


def of_kind(texts: Mapping[str, bytes], what: str) -> dict[int, bytes]:
    """Number of the act → ciphertext, in order."""
    found = {int(name.partition("/")[2]): text for name, text in texts.items() if name.startswith(f"{what}/")}
    return dict(sorted(found.items()))


def filled(case: Case, texts: Mapping[str, bytes], seal: Seal) -> Case:
    """The case with the words of its decisions opened."""

    def of(given: Disposition | None, what: str) -> Disposition | None:
        name = latest(texts, what)
        if given is None or name is None:
            return given
        return disposition_in(seal.open(texts[name], label(case.id, name)))

    return msgspec.structs.replace(
        case,
        proposal=of(case.proposal, PROPOSAL),
        disposition=of(case.disposition, DISPOSITION),
        appeal=_judged(case.appeal, case.id, texts, seal),
    )


def _judged(appeal: Appeal | None, case_id: str, texts: Mapping[str, bytes], seal: Seal) -> Appeal | None:
    name = latest(texts, JUDGEMENT)
    if appeal is None or appeal.judged_by is None or name is None:
        return appeal
    return msgspec.structs.replace(appeal, reasons=seal.open(texts[name], label(case_id, name)).decode())
