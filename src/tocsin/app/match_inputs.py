"""What this node puts into a session of matching: a file's values, its own sealed identifiers, or bands of warnings.

Enters: lines that a person gives, events of some days, warnings that were not dismissed. Leaves: inputs, and what each
of them came from. Sealed events are opened by the node, written down before; no value is logged, kept or told to the
other side. Refuses: sets about so few that the answer would be about somebody.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tocsin.app.accept import Sealed, text_label
from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.kernel import (
    BadInput,
    Clock,
    NotFound,
    Observable,
    ObservableType,
    Warning,
    WarningStatus,
    micros,
)
from tocsin.store.interface import Store
from tocsin.wire.observables import canonical

if TYPE_CHECKING:
    from tocsin.trust.matching import Inputs, MatchKind, Proposal
    from tocsin.wire.sketch import Sketch

FOLDER_NAME = "match"
"""DATA/match/KIND.txt, one value a line: what this node answers with instead of its own sealed identifiers."""

LOOK_BACK_DAYS = 30
"""Of events and warnings, unless fewer or more are asked for: what the watch looks at."""

MAX_LINE_BYTES = 4_096
"""Of a file of values: longer than any identifier."""

MAX_WARNINGS = 3_000
"""Bands of so many are a week's budget (`trust.matching.terms.WEEKLY`)."""

LEAST_TEXTS = 10
"""Warnings whose bands are matched together: who asks about one text would search for one slogan."""

EndUsers = Callable[[str, str, str], tuple[bytes, ...]]
"""Handles of the vetted, by who asks, the session and the purpose: `Applicants.into_session`."""

_PIECE = 2_000
"""Sealed events that are in memory at once."""


class Gathered(NamedTuple):
    """Inputs; by value what it came from (event or warning ids, none for a file); why lines were left out, counted."""

    inputs: "Inputs"
    sources: Mapping[bytes, tuple[str, ...]]
    refused: Mapping[str, int]


class Sets:
    """This node's sets: what a person asks about, and what it answers with."""

    def __init__(
        self, data: Path, store: Store, keys: Keyring, access: Access, clock: Clock, end_users: EndUsers
    ) -> None:
        self._folder = data / FOLDER_NAME
        self._store = store
        self._keys = keys
        self._access = access
        self._clock = clock
        self._end_users = end_users

    def asked(
        self,
        kind: "MatchKind",
        session: str,
        lines: Iterable[bytes] | None,
        days: int,
        purpose: str,
        who: str,
    ) -> Gathered:
        """A person's lines, or without them this node's own of the last days. Raises BadInput."""
        from tocsin.trust.matching.kinds import UNWRITTEN

        if lines is None:
            return self._own(kind, session, days, purpose, who)
        if kind in UNWRITTEN:
            raise BadInput("bands and end users are of this node's own, and not of a file: leave out --file")
        return from_lines(kind, lines)

    def served(self, proposal: "Proposal") -> Gathered:
        """What this node answers with: the operator's file of this kind, or its own."""
        from tocsin.trust.matching.kinds import UNWRITTEN

        kind = proposal.kind
        file = self._folder / f"{kind.value}.txt"
        if file.is_file() and kind not in UNWRITTEN:
            with file.open("rb") as lines:
                return from_lines(kind, lines)
        return self._own(kind, proposal.session.hex(), LOOK_BACK_DAYS, proposal.purpose, "node")

    def _own(self, kind: "MatchKind", session: str, days: int, purpose: str, who: str) -> Gathered:
        from tocsin.trust.matching import MatchKind
        from tocsin.trust.matching.kinds import end_users

        if kind is MatchKind.END_USER:
            return Gathered(end_users(self._end_users(who, session, purpose)), {}, {})
        if not 1 <= days <= self._keys.retention.days:
            raise BadInput(f"look back 1 to {self._keys.retention.days} days: nothing sealed is older")
        if kind is MatchKind.BAND:
            return from_warnings(self._store, self._clock, days)

        def note(events: int) -> None:
            self._access.audit(
                "node",
                "identifier.open",
                subject=session,
                purpose=f"private matching: {kind.value}",
                detail={"events": events, "kind": kind.value},
            )

        return from_events(self._store, self._keys, self._clock, kind, days, note)


def from_lines(kind: "MatchKind", lines: Iterable[bytes]) -> Gathered:
    """One identifier a line, in any spelling; empty lines go. Raises BadInput for a set too small or too large."""
    from tocsin.trust.matching import identifiers

    good: dict[str, None] = {}
    refused: dict[str, int] = {}
    for line in lines:
        raw = line.strip()
        if not raw:
            continue
        try:
            good[_spelt(kind, raw)] = None
        except BadInput as error:
            refused[error.message] = refused.get(error.message, 0) + 1
    return Gathered(refusing(lambda: identifiers(kind, good), refused), {}, refused)


def from_events(
    store: Store, keys: Keyring, clock: Clock, kind: "MatchKind", days: int, note: Callable[[int], None]
) -> Gathered:
    """This node's own identifiers of a kind in the last days: see `seen_identifiers`.

    Raises BadInput for a set too small or too large.
    """
    from tocsin.trust.matching import identifiers

    found = seen_identifiers(store, keys, kind, micros(clock() - timedelta(days=days)), None, note)
    inputs = identifiers(kind, found)
    return Gathered(inputs, {value.encode(): (event,) for value, event in found.items()}, {})


def seen_identifiers(
    store: Store,
    keys: Keyring,
    kind: "MatchKind",
    since: int,
    until: int | None,
    note: Callable[[int], None],
) -> dict[str, str]:
    """This node's identifiers of a kind between two moments, each with one event that shows it, which is opened.

    `note` writes down how many events, before the first is opened. Raises BadInput for too many.
    """
    from tocsin.trust.matching.sizes import MAX_POINTS

    shown = _shown(store, since, until, kind.value, MAX_POINTS)
    note(len(set(shown.values())))
    names = keys.pseudonyms
    found: dict[str, str] = {}
    waiting = iter(sorted(set(shown.values())))
    while piece := list(islice(waiting, _PIECE)):
        for event_id, (day, sealed) in store.events.sealed(piece).items():
            for seen in _opened(keys, event_id, day, sealed):
                if seen.type.value == kind.value and names.of(f"observable:{seen.type}", seen.value) in shown:
                    found.setdefault(seen.value, event_id)
    return found


def from_warnings(store: Store, clock: Clock, days: int) -> Gathered:
    """Bands of the fingerprints of warnings' texts; of those that nobody dismissed. Raises BadInput for too few."""
    from tocsin.trust.matching import bands

    held = fingerprinted(store, micros(clock() - timedelta(days=days)))
    if len({one.signature for one in held}) < LEAST_TEXTS:
        raise BadInput(
            f"there are {len(held)} warnings with a fingerprint that may be shared: at least {LEAST_TEXTS} different"
            " texts are matched together, so that nobody searches for one"
        )
    inputs, owners = bands([sketch_of(one) for one in held])
    return Gathered(
        inputs, {value: tuple(held[text].id for text in texts) for value, texts in owners.items()}, {}
    )


def fingerprinted(store: Store, since: int) -> list[Warning]:
    """Warnings since a moment that nobody dismissed, and whose text is long enough that its fingerprint may leave."""
    from tocsin.wire import sketch

    return [
        one
        for one in store.warnings.list(limit=MAX_WARNINGS)
        if one.signature is not None
        and one.last_seen >= since
        and one.status is not WarningStatus.DISMISSED
        and one.shingle_count >= sketch.MIN_SHARED_SHINGLES
    ]


def sketch_of(warning: Warning) -> "Sketch":
    """Its fingerprint; there is no verification data with it, and bands need none."""
    import numpy as np

    from tocsin.wire import sketch

    signature = np.frombuffer(warning.signature or b"", "<u4")
    return sketch.Sketch(signature, np.zeros(0, np.uint32), warning.shingle_count)


def found_in(
    kind: "MatchKind", matched: Iterable[bytes], sources: Mapping[bytes, tuple[str, ...]]
) -> dict[str, int]:
    """What the matched inputs are of: warnings by their common bands, LEAST_BANDS or more; or each value once."""
    from tocsin.trust.matching import MatchKind
    from tocsin.trust.matching.kinds import LEAST_BANDS

    if kind is not MatchKind.BAND:
        return dict.fromkeys(sorted(value.decode() for value in matched), 1)
    shared: dict[str, int] = {}
    for value in matched:
        for warning in sources.get(value, ()):
            shared[warning] = shared.get(warning, 0) + 1
    return {warning: bands for warning, bands in sorted(shared.items()) if bands >= LEAST_BANDS}


def _spelt(kind: "MatchKind", raw: bytes) -> str:
    if len(raw) > MAX_LINE_BYTES:
        raise BadInput(f"is longer than {MAX_LINE_BYTES} bytes; send a shorter identifier")
    try:
        return canonical(ObservableType(kind.value), raw.decode())
    except UnicodeDecodeError:
        raise BadInput("is not UTF-8; save the file as UTF-8") from None


def refusing(make: "Callable[[], Inputs]", refused: Mapping[str, int]) -> "Inputs":
    """Inputs, or what is wrong with them together with why lines were left out."""
    try:
        return make()
    except BadInput as error:
        why = "; ".join(f"{count} lines: each {reason}" for reason, count in refused.items())
        raise BadInput(f"{error.message} ({why})" if why else error.message) from None


def _shown(store: Store, since: int, until: int | None, kind: str, most: int) -> dict[str, str]:
    """Pseudonym of an identifier → one event that shows it."""
    shown: dict[str, str] = {}
    for event_id, pseudonym in _observed(store, since, until, kind):
        shown.setdefault(pseudonym, event_id)
        if len(shown) > most:
            raise BadInput(f"there are more than {most} identifiers of this kind: match fewer days")
    return shown


def _observed(store: Store, since: int, until: int | None, kind: str) -> Iterator[tuple[str, str]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    for batch in store.events.batches(since=since, until=until):
        column = batch.column("observables")
        parents, seen = pc.list_parent_indices(column), pc.list_flatten(column)
        mine = pc.equal(pc.struct_field(seen, "type"), pa.scalar(kind))
        events = batch.column("id").take(parents.filter(mine))
        values = pc.struct_field(seen, "value").filter(mine)
        yield from zip(events.to_pylist(), values.to_pylist(), strict=True)


def _opened(keys: Keyring, event_id: str, day: str, sealed: bytes) -> tuple[Observable, ...]:
    try:
        plain = keys.opened(day).open(sealed, text_label(event_id))
    except NotFound:
        return ()  # the day's key was destroyed: what it sealed is gone
    return msgspec.msgpack.decode(plain, type=Sealed).observables
