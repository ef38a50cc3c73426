"""What records say to the watch: indicators to look for and dismissals, kept up to date from tick to tick.

Each refresh reads only what came since the last, so that a dismissal or its revocation counts at the next tick however
many records there are. Whose dismissals count is decided here, by peers as they stand now and by settings.
"""

from collections.abc import Mapping

import msgspec

from tocsin.app.settings import Settings
from tocsin.correlate import Dismisser, Voices, voices, what_is_left
from tocsin.kernel import Dismissal, Indicator, Origin, PeerStatus, Record
from tocsin.share import Unusable, read_one
from tocsin.share.suspects import Suspects
from tocsin.store.interface import Store

RECORD_TYPES = ("indicator",)
_PAGE = 5_000


class Heard:
    """The latest version of every usable indicator and dismissal among the records of one store."""

    def __init__(self, store: Store, settings: Settings, identity: str) -> None:
        """`identity` is this node's own STIX identity."""
        self._store = store
        self._settings = settings
        self._identity = identity
        self._indicators: dict[str, Indicator] = {}
        self._dismissals: dict[str, Dismissal] = {}
        self._unusable: list[Unusable] = []
        self._given: dict[str, Record] = {}
        """What each of them was said by, without its bytes: whether it is believed can change later."""
        self._suspects = Suspects(())
        self._trusted: frozenset[str] = frozenset()
        """STIX identities of authors whose word is acted on: this node's, and its trusted peers'."""
        self.upto = 0
        """`added` of the newest record that was read."""

    def refresh(self) -> int:
        """Read what came since the last time; returns `upto`."""
        while page := self._store.records.list(types=RECORD_TYPES, after=self.upto, limit=_PAGE):
            for record in page:
                self._indicators.pop(record.id, None)
                self._dismissals.pop(record.id, None)
                self._given[record.id] = msgspec.structs.replace(record, stix=b"")
                said = read_one(record)
                if isinstance(said, Unusable):
                    self._unusable.append(said)
                elif isinstance(said, Indicator):
                    self._indicators[said.id] = said
                # What was imported is nobody's word to us, whatever name stands on it.
                elif said is not None and record.origin is not Origin.IMPORT:
                    self._dismissals[said.id] = said
            self.upto = page[-1].added
        return self.upto

    def indicators(self, now: int) -> list[Indicator]:
        """Those that peers gave, the one with most confidence left first; `now` in microseconds.

        Left out is what came from a key that was revoked, and what was passed on of a stranger.
        """
        theirs = [
            indicator
            for indicator in self._indicators.values()
            if indicator.peer is not None
            and self._given[indicator.id].author in self._trusted
            and self._given[indicator.id] not in self._suspects
        ]
        return sorted(theirs, key=lambda indicator: (-what_is_left(indicator, now), indicator.id))

    def strangers(self) -> list[Record]:
        """What a peer passed on of authors whom this node has not come to trust: kept, not acted on."""
        given = (self._given[one] for one in (*self._indicators, *self._dismissals))
        return [record for record in given if record.peer is not None and record.author not in self._trusted]

    def unusable(self) -> list[Unusable]:
        """What could not be used of all that was read since this was asked last."""
        taken, self._unusable = self._unusable, []
        return taken

    def doubts(self) -> object:
        """Which peers' keys are or were not their own: what is believed changes with it."""
        peers = self._store.peers.list()
        self._suspects = Suspects(peers)
        return tuple((peer.name, peer.doubts) for peer in peers if peer.doubts)

    def dismissers(self, now: int) -> Mapping[str, Dismisser]:
        """Whose dismissals count at `now` (microseconds), by STIX identity: this node's own, and trusted peers'."""
        heard = {self._identity: Dismisser(peer="", organisation="")}
        for peer in self._store.peers.list():
            if peer.status_at(now) is not PeerStatus.TRUSTED or peer.identity is None:
                continue
            chosen = self._settings.dismissers.get(peer.name)
            organisation = (chosen and chosen.organisation) or f"peer:{peer.name}"
            weight = chosen.weight if chosen else 1.0
            heard.setdefault(peer.identity, Dismisser(peer.name, organisation, weight))
        self._trusted = frozenset(heard)
        return heard

    def voices(self, dismissers: Mapping[str, Dismisser], now: int) -> Voices:
        """The dismissals that count at `now` (microseconds)."""
        believed = (one for one in self._dismissals.values() if self._given[one.id] not in self._suspects)
        return voices(believed, dismissers, now_us=now, needed=self._settings.dismissals_needed)
