"""What an authority's request must be before a person may even consider it, and how its steps are bound together.

The floor is code: no bulk, no request without a basis, nothing that tells who spoke to a journalist. Rules of a node's
own refuse more, and there is no form in which a rule could allow.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tocsin.kernel import BadInput
from tocsin.kernel.cases import Case, CaseFlag
from tocsin.kernel.requests import (
    Asked,
    AuthorityKind,
    AuthorityRequest,
    Floor,
    Notice,
    RequestState,
    RequestStep,
    RequestWords,
)

MIN_BASIS_CHARS, MAX_TEXT_CHARS = 4, 2_000
"""A basis is an article or a file number at least; a longer text is a document of its own."""
EMERGENCY_HOURS = 24
"""Until a second person must have looked at what one answered alone."""
MAX_BAR_DAYS = 365
"""A bar on telling the person ends, and is stated anew by whoever wants it longer."""
SIGNED = b"tocsin/request/1\0"
"""What a node's signature over a step begins with."""
MIN_REASON_CHARS = 8
HOUR = 3_600_000_000
DAY = 24 * HOUR
_PLACE = re.compile(r"[A-Z]{2}")


class NewRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What came in, as the person who opens it types it. More cases than one are refused, and that is counted."""

    cases: tuple[str, ...]
    kind: AuthorityKind
    jurisdiction: str
    asked: tuple[Asked, ...]
    words: RequestWords
    deadline: int | None = None
    emergency: bool = False


class RefusalRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule of the node's own: which requests it refuses, and why. An empty field means any."""

    because: str
    kinds: tuple[AuthorityKind, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()

    def refuses(self, kind: AuthorityKind, jurisdiction: str, asked: Sequence[Asked]) -> bool:
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.jurisdictions or jurisdiction in self.jurisdictions)
            and (not self.asked or not set(self.asked).isdisjoint(asked))
        )


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    refuse: tuple[RefusalRule, ...] = ()


def load_refusal_rules(file: Path) -> tuple[RefusalRule, ...]:
    """The rules of a node's folder; none without the file. Raises BadInput: one that cannot be read stops the node."""
    if not file.is_file():
        return ()
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=_Rules).refuse
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadInput(
            f"{file.name} cannot be read ({error}): it holds `refuse:` and rows with `because`, and any of kinds, "
            "jurisdictions, asked"
        ) from error


def check_new(new: NewRequest) -> None:
    """What a request says must be there and of a length. Raises BadInput saying what is missing."""
    if not _PLACE.fullmatch(new.jurisdiction):
        raise BadInput("name the jurisdiction by two capital letters (ISO 3166-1), or EU")
    if len(set(new.asked)) != len(new.asked):
        raise BadInput("name each thing that is asked for once")
    words = new.words
    for name in ("authority", "reference", "basis", "why", "danger"):
        if len(getattr(words, name)) > MAX_TEXT_CHARS:
            raise BadInput(f"the {name} may have {MAX_TEXT_CHARS:,} characters")
    if not words.authority.strip():
        raise BadInput("name the authority that asks")
    if new.emergency and len(words.danger.strip()) < MIN_REASON_CHARS:
        raise BadInput("of an emergency, say who is in danger of what")


def floor_of(
    cases: Sequence[str],
    case: Case | None,
    *,
    basis: str,
    asked: Sequence[Asked],
    kind: AuthorityKind,
    jurisdiction: str,
    rules: Sequence[RefusalRule] = (),
) -> tuple[Floor, str] | None:
    """Why a request is refused before anybody looks at it, with the reason in words; None where people decide.

    1. It names one case. 2. It names what it rests on. 3. It asks for something that can be asked. 4. The case tells
    of no journalist's source. 5. No rule of this node refuses it. `case` is that one, None where there is not one.
    """
    if len(cases) != 1 or case is None:  # 1
        return Floor.BULK, "it names no one case: nothing is searched for anybody"
    if len(basis.strip()) < MIN_BASIS_CHARS:  # 2
        return Floor.NO_BASIS, "it names no law, order or file that it rests on"
    if not asked:  # 3
        return Floor.NOTHING_ASKED, "it does not say what is asked for"
    if CaseFlag.JOURNALIST_SOURCE in case.flags:  # 4
        return Floor.SOURCES, "it would tell who spoke to a journalist"
    for rule in rules:  # 5
        if rule.refuses(kind, jurisdiction, asked):
            return Floor.OWN_RULE, rule.because
    return None


def bound(step: RequestStep, before: bytes) -> RequestStep:
    """The step with its place in the chain: SHA-256 over the chain before it and its own content."""
    plain = msgspec.structs.replace(step, chain=b"", signature=b"")
    content = msgspec.json.encode(plain, order="deterministic")
    return msgspec.structs.replace(step, chain=hashlib.sha256(before + content).digest())


def first_broken(steps: Sequence[RequestStep]) -> int | None:
    """The number of the first step that is not where it was put; None where the chain holds. Signatures lie beside."""
    before = b""
    for place, step in enumerate(steps, start=1):
        if step.number != place or bound(step, before).chain != step.chain:
            return place
        before = step.chain
    return None


def notice(now: int, *, told: bool, bar: str, bar_until: int | None) -> Notice:
    """Whether the person was told, or what forbids it and until when. Raises BadInput where neither is said."""
    if told:
        return Notice(told=now)
    if len(bar.strip()) < MIN_REASON_CHARS or bar_until is None:
        raise BadInput("the person is told (told), or a law forbids it: name it (bar) and when that ends")
    if not now < bar_until <= now + MAX_BAR_DAYS * DAY:
        raise BadInput(f"a bar ends within {MAX_BAR_DAYS} days, and is stated anew by who wants it longer")
    return Notice(bar=bar.strip(), bar_until=bar_until)


def late(request: AuthorityRequest, now: int) -> bool:
    """Whether a second person did not look in time at what one answered alone."""
    if not request.emergency or not request.answered_at:
        return False
    looked = request.approved_at or request.refused_at or now
    return looked > request.answered_at + EMERGENCY_HOURS * HOUR


def outcome(request: AuthorityRequest) -> str:
    """What became of it, in the words of the public count."""
    if request.floor is not None and request.floor is not Floor.OWN_RULE:
        return f"refused: {request.floor}"
    if request.state is RequestState.ANSWERED and request.approved_by is None:
        return "emergency-unconfirmed"
    if request.state is RequestState.REFUSED and request.answered_at:
        return "emergency-disputed"
    return request.state.value
