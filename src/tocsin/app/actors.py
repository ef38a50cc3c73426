"""A look at the accounts behind one warning: for a purpose, by a role, in the audit, and kept nowhere.

There is no list of clusters and no graph of everybody: each look is made of one warning, is counted for auditors, and
is gone when its page is closed.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tocsin.app.accept import Sealed, text_label
from tocsin.app.access import Access
from tocsin.app.involved import Involved, involved
from tocsin.app.keyring import Keyring
from tocsin.app.reviewing import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS
from tocsin.correlate import Exclusions
from tocsin.correlate.actors import Picture, Tie, gathered, picture_of
from tocsin.kernel import BadInput, Caller, Clock, NotFound, Warning, micros
from tocsin.store.interface import Store
from tocsin.store.links_interface import Identifier
from tocsin.trust.pseudonyms import Pseudonyms

OPEN = "actor.open"
SHOWN = "actor.shown"
"""Counts of what a look showed, for auditors."""

LINK_DAYS = 90
"""How far before the warning links are looked for: as long as sealed identifiers are kept, unless settings say less."""

MAX_CHECKED = 400
"""Identifiers held against the exclusion lists in one look, the heaviest; each opens one sealed event."""

MAX_LOOKS = 10_000
_DAY = 86_400_000_000


class Look(msgspec.Struct, frozen=True):
    """What one look shows. `unchecked` identifiers were not held against exclusion lists."""

    warning: Warning
    picture: Picture
    accounts: int
    """Accounts of the warning whose events are still kept."""
    sampled: int
    """Of these, how many were looked at."""
    excluded: int
    unchecked: int
    since: int
    until: int


class Looked(msgspec.Struct, frozen=True):
    """How often a warning's accounts were looked at, when last, and by whom (a user id)."""

    times: int
    last: int
    who: str


class Actors:
    """Looks at clusters under warnings."""

    def __init__(
        self, store: Store, keys: Keyring, access: Access, exclusions: Exclusions, clock: Clock
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._exclusions = exclusions
        self._clock = clock

    def look(self, by: Caller, warning_id: str, purpose: str) -> Look:
        """The clusters among a warning's accounts; audited with the purpose before anything is read.

        Raises NotAllowed, NotFound, BadInput when no purpose is stated or the kind of warning has no accounts.
        """
        self._access.require(by, OPEN)
        warning = self._store.warnings.get(warning_id)
        if warning is None:
            raise NotFound(f"there is no warning {warning_id[:64]}: `tocsin watch warnings` lists them")
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"state the purpose in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        self._access.audit(by.user, OPEN, subject=warning_id, purpose=purpose.strip())
        who = involved(self._store, self._keys, warning)
        shown = self._look(warning, who)
        self._access.audit(
            by.user,
            SHOWN,
            subject=warning_id,
            purpose=purpose.strip(),
            detail={
                "accounts": shown.accounts,
                "clusters": len(shown.picture.clusters),
                "tied": sum(cluster.warned for cluster in shown.picture.clusters),
                "from_outside": sum(cluster.linked for cluster in shown.picture.clusters),
                "sketches": who.sketches,
            },
        )
        return shown

    def looked(self) -> Mapping[str, Looked]:
        """Warning → how often it was looked at, of the newest looks."""
        found: dict[str, Looked] = {}
        for row in self._store.audit.read(act=SHOWN, limit=MAX_LOOKS):
            before = found.get(row.subject)
            found[row.subject] = (
                Looked(1, row.at, row.who)
                if before is None
                else msgspec.structs.replace(before, times=before.times + 1)
            )
        return found

    def _look(self, warning: Warning, who: Involved) -> Look:
        since = warning.last_seen - LINK_DAYS * _DAY
        until = max(micros(self._clock()), warning.last_seen + 1)
        seen = gathered(self._store.links, who.accounts, who.events, since=since, until=until)
        excluded, unchecked = self._excluded(seen.ties, seen.shown)
        return Look(
            warning=warning,
            picture=picture_of(warning, seen.traits, [tie for tie in seen.ties if tie.key not in excluded]),
            accounts=who.all,
            sampled=len(who.accounts),
            excluded=len(excluded),
            unchecked=unchecked,
            since=since,
            until=until,
        )

    def _excluded(
        self, ties: Sequence[Tie], shown: Mapping[Identifier, str]
    ) -> tuple[frozenset[Identifier], int]:
        """Identifiers that an exclusion list names, and how many were not held against one: no key, or too many.

        Lists hold raw values and events hold pseudonyms, so one sealed event of each is opened by the machine; no
        person sees a value.
        """
        first = sorted(ties, key=lambda tie: (not tie.binds, -tie.weight, tie.key))  # what ties comes first
        checked = [tie.key for tie in first[:MAX_CHECKED]]
        if not checked:
            return frozenset(), 0
        kept = self._store.events.sealed({shown[key] for key in checked})
        self._access.audit(
            "node", "identifier.open", subject="", purpose="exclusion lists", detail={"events": len(kept)}
        )
        raw: dict[Identifier, str] = {}
        for event_id, (day, sealed) in kept.items():
            raw.update(self._opened(event_id, day, sealed))
        named = frozenset(
            key for key in checked if key in raw and self._exclusions.of_value(raw[key]) is not None
        )
        return named, len(ties) - sum(key in raw for key in checked)

    def _opened(self, event_id: str, day: str, sealed: bytes) -> dict[Identifier, str]:
        try:
            plain = self._keys.opened(day).open(sealed, text_label(event_id))
        except NotFound:
            return {}  # the day's key was destroyed: what it sealed is gone
        names: Pseudonyms = self._keys.pseudonyms
        return {
            (seen.type.value, names.of(f"observable:{seen.type}", seen.value)): seen.value
            for seen in msgspec.msgpack.decode(plain, type=Sealed).observables
        }
