"""What this node counts with others: its own identifiers of a week, or one band of each campaign's text.

Sealed events are opened by the node as an audited purpose; no value is logged, kept or shown. A node with less than
others, or with nothing, takes part like any other: how much it has is not told, neither by its messages nor by a
refusal.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.match_inputs import fingerprinted, seen_identifiers, sketch_of
from tocsin.kernel import micros
from tocsin.kernel.counts import end_of_week, start_of_week
from tocsin.kernel.distinct import DistinctRoster
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:
    from tocsin.trust.matching import MatchKind


class Counted(NamedTuple):
    """Inputs that go in, and how many have no room."""

    values: Sequence[bytes]
    left_out: int


class DistinctInputs:
    """This node's inputs of a count."""

    def __init__(self, store: Store, keys: Keyring, access: Access, entropy: Entropy) -> None:
        self._store, self._keys, self._access, self._entropy = store, keys, access, entropy

    def of(self, roster: DistinctRoster) -> Counted:
        """As many as there is room for, chosen by chance where there are more. Raises BadInput."""
        from tocsin.trust.matching import MatchKind
        from tocsin.trust.matching.sizes import shuffled

        kind = MatchKind(roster.kind)
        values = self._campaigns(roster) if kind is MatchKind.BAND else self._identifiers(roster, kind)
        left_out = max(0, len(values) - roster.room)
        return Counted(shuffled(values, self._entropy)[: roster.room] if left_out else values, left_out)

    def _identifiers(self, roster: DistinctRoster, kind: "MatchKind") -> list[bytes]:
        def note(events: int) -> None:
            self._access.audit(
                "node",
                "identifier.open",
                subject=roster.session.hex(),
                purpose=f"distinct count: {kind.value}",
                detail={"events": events, "kind": kind.value},
            )

        since, until = micros(start_of_week(roster.week)), micros(end_of_week(roster.week))
        return [one.encode() for one in seen_identifiers(self._store, self._keys, kind, since, until, note)]

    def _campaigns(self, roster: DistinctRoster) -> list[bytes]:
        """The first band of each text: one input a campaign, where the sixteen of matching would count it as many."""
        from tocsin.trust.matching.kinds import BAND_ROWS
        from tocsin.wire import sketch

        until = micros(end_of_week(roster.week))
        held = fingerprinted(self._store, micros(start_of_week(roster.week)))
        firsts = (
            int(sketch.bands(sketch_of(one).signature[None, :], 1, BAND_ROWS)[0, 0])
            for one in held
            if one.first_seen < until
        )
        return [value.to_bytes(8) for value in dict.fromkeys(firsts)]
