"""Rules set aside for one artefact: by two people, with a reason, until a day; and who counts as a person."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tocsin.app.access import Access
from tocsin.kernel import BadInput, Caller, Clock, Conflict, Means, NotAllowed, NotFound, Role, micros
from tocsin.kernel.release import Exemption
from tocsin.store.interface import Store

if TYPE_CHECKING:  # cryptography and Cedar: only who signs or decides loads them
    from tocsin.trust.release_policy import ReleasePolicies
    from tocsin.wire.in_toto import Statement

READ, APPROVE = "release.read", "release.approve"
PEOPLE = 2
"""Who sets a rule aside, and who puts a decision in force; the gate counts again (`gate.evidence`)."""

PAGE = 200
MIN_REASON_CHARS, MAX_REASON_CHARS = 8, 1_000
MAX_DAYS = 180
"""Half a year: who needs longer says why again."""

_NO_PERSON = frozenset({Role.PEER, Role.SOURCE})


class Exempting:
    """Begins and signs exemptions; `of` gives those that two people signed."""

    def __init__(
        self,
        store: Store,
        access: Access,
        data: Path,
        clock: Clock,
        policies: "Callable[[], ReleasePolicies]",
        digest: Callable[[str], str],
    ) -> None:
        self._store = store
        self._access = access
        self._data = data
        self._clock = clock
        self._policies = policies
        self._digest = digest

    def begin(self, by: Caller, artefact: str, rule: str, reason: str, *, days: int) -> Exemption:
        """Begin to set a rule aside; it counts once another person signed. Raises NotAllowed, BadInput.

        Only a rule that says of itself that it can be: never a veto, a red line, an overlay, or a line not shown held.
        """
        require_person(self._access, by)
        known = self._policies().by_id
        if rule not in known or not known[rule].exemptible:
            can = ", ".join(sorted(name for name, one in known.items() if one.exemptible))
            raise BadInput(f"no exemption lifts {rule[:80]!r}; it can lift {can}")
        if not 1 <= days <= MAX_DAYS:
            raise BadInput(f"an exemption lasts 1 to {MAX_DAYS} days")
        now = self._clock()
        made = Exemption(
            id="",
            artefact=self._digest(artefact),
            rule=rule,
            reason=reason_given(reason),
            by=(by.user,),
            at=micros(now),
            until=micros(now + timedelta(days=days)),
        )
        made = msgspec.structs.replace(made, id=hashlib.sha256(msgspec.json.encode(made)).hexdigest())
        with self._store.together():
            self._store.exemptions.put(made, was=None)
            self._audit(by.user, made)
        return made

    def sign(self, by: Caller, exemption_id: str) -> Exemption:
        """Another person's word, after which it counts. Raises NotAllowed, NotFound, Conflict."""
        from tocsin.gate.attesting import exemption_statement

        require_person(self._access, by)
        with self._store.together():
            was = self._store.exemptions.get(exemption_id)
            if was is None:
                raise NotFound("there is no such exemption: `tocsin model exempt` shows them")
            if len(self._access.distinct_people([*was.by, by.user])) <= len(was.by):
                raise Conflict("it has your signature: another person signs next")
            made = msgspec.structs.replace(was, by=(*was.by, by.user))
            statement = sealed_statement(self._data, exemption_statement(made))
            made = msgspec.structs.replace(made, statement=statement)
            self._store.exemptions.put(made, was=was)
            self._audit(by.user, made)
        return made

    def of(self, artefact: str) -> tuple[Exemption, ...]:
        """Those that two people signed; two accounts of one human are one, whenever that turned out."""
        return tuple(
            one
            for one in self._store.exemptions.of(artefact)
            if len(self._access.distinct_people(one.by)) >= PEOPLE
        )

    def listed(self, by: Caller) -> tuple[Exemption, ...]:
        """Newest first, those that ended or wait too. Raises NotAllowed."""
        self._access.require(by, READ)
        return self._store.exemptions.listed(limit=PAGE)

    def _audit(self, who: str, made: Exemption) -> None:
        detail: dict[str, str | int | float] = {
            "exemption": made.id,
            "rule": made.rule,
            "signed": len(made.by),
        }
        self._access.audit(
            who, "release.exempt", subject=made.artefact, purpose=made.reason[:200], detail=detail
        )


def require_person(access: Access, by: Caller) -> None:
    """Raises NotAllowed unless a person who may approve is there: not the folder's operator, not a machine."""
    access.require(by, APPROVE)
    if by.means in (Means.OPERATOR, Means.STANDING) or by.peer is not None or _NO_PERSON & by.roles:
        raise NotAllowed(
            "a person approves a release: in the console, or with a token of their own; not a peer, a source, "
            "or whoever can read the folder"
        )


def reason_given(text: str) -> str:
    """The reason as it is kept. Raises BadInput."""
    text = text.strip()
    if not MIN_REASON_CHARS <= len(text) <= MAX_REASON_CHARS:
        raise BadInput(f"say why in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters")
    return text


def sealed_statement(data: Path, statement: "Statement") -> bytes:
    """An envelope around it by the node's release key."""
    from tocsin.app.release_key import release_key
    from tocsin.trust.signing_keys import key_id, sealed
    from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes

    key = release_key(data)
    return envelope_bytes(sealed(key, IN_TOTO_TYPE, statement.to_bytes(), keyid=key_id(key.public_key())))
