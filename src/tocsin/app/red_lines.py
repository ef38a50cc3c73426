"""The register of red lines: proposed, endorsed, objected to; who stands for each, who does not, and why.

A line and every word on it are records: signed by their author, shared through the gate, received from peers. What
binds this node is decided in `lines_in_force`, and this node's own word alone adds to the base.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Protocol

import msgspec

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.lines_in_force import binds, in_force, latest, not_tighter
from tocsin.app.naming import called
from tocsin.app.settings import Settings
from tocsin.app.signing import signed
from tocsin.cases import mask
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    NotFound,
    Origin,
    Peer,
    PeerStatus,
    Record,
    TocsinError,
    micros,
)
from tocsin.kernel.red_lines import Endorsement, RedLine, Stance
from tocsin.share import introduction
from tocsin.share.describe_agreed import (
    Speaker,
    describe_red_line,
    describe_stance,
    extension_of,
    red_line_in,
    stance_in,
)
from tocsin.share.suspects import Suspects
from tocsin.store.interface import Store
from tocsin.taxonomy.red_lines import base_lines
from tocsin.trust.key_history import party_of, peer_as_party
from tocsin.wire.stix.kinds_agreed import line_id
from tocsin.wire.stix.opinions import opinion_id

MAX_OF_AUTHOR = 100
"""Lines of one author that are listed, the first ones: whoever proposes more has not agreed on any."""

LEAST_REASON_CHARS = 8
_PAGE = 1_000


class RedLinesInForce(Protocol):
    """What a gate asks. Lines of the base are always among the answers."""

    def in_force(self, domain: str = "", condition: str = "", at: int | None = None) -> tuple[RedLine, ...]:
        """The lines that bind this node at a moment (now), in a harm domain and condition; "" for any."""
        ...


class Word(msgspec.Struct, frozen=True):
    """One party's last word on a line. It counts when it is this node's own or a trusted peer's, under a sound key."""

    party: str
    name: str
    stance: Stance
    reason: str
    at: int
    ours: bool
    counts: bool


class Listed(msgspec.Struct, frozen=True):
    """A line with all that was said of it. `given_by` is the peer or file it came from, empty for what is ours.

    `asked` are the parties it names: SHA-256 of the first key, name, and whether they spoke. `tightened_by` are ids.
    """

    line: RedLine
    author: str
    given_by: str
    signed: bool
    binds: bool
    words: tuple[Word, ...] = ()
    asked: tuple[tuple[str, str, bool], ...] = ()
    tightened_by: tuple[str, ...] = ()
    overdue: bool = False

    def of(self, stance: Stance) -> tuple[Word, ...]:
        """The words of one kind, those that count first."""
        found = [word for word in self.words if word.stance is stance]
        return tuple(sorted(found, key=lambda word: (not word.counts, word.name)))


class RedLines:
    """Every look needs `redline.read`, every word `redline.manage` and leaves a trace."""

    def __init__(self, store: Store, keys: Keyring, settings: Settings, access: Access, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._own = keys.identity.stix_identity
        self._settings = settings
        self._access = access
        self._clock = clock

    def propose(self, by: Caller, line: RedLine, *, parties: Collection[str] = ()) -> Record:
        """Make a line and endorse it; `parties` are peers by name, or SHA-256 of a first key, that are asked to sign.

        It leaves only through the gate. Raises NotAllowed, BadInput for what is no measurable line or loosens one,
        Conflict when exactly this line is there.
        """
        self._access.require(by, "redline.manage")
        line = msgspec.structs.replace(
            line, parties=tuple(sorted({self._node(name) for name in parties})), by=self._own
        )
        self._check(line)
        voice = self._voice()
        if self._store.records.get(line_id(self._own, extension_of(line))) is not None:
            raise Conflict("exactly this line is proposed already: `tocsin redline list` shows it")
        records = self._signed(describe_red_line(line, voice))
        own_word = describe_stance(records[-1], Stance.ENDORSE, line.basis, voice)
        with self._store.together():
            self._store.records.put((*records, *self._signed(own_word)))
            self._access.audit(
                by.user,
                "redline.propose",
                subject=records[-1].id,
                purpose=line.basis,
                detail={"title": line.title, "sha256": sha256(records[-1].stix).hexdigest()},
            )
        return records[-1]

    def say(self, by: Caller, line: str, stance: Stance, reason: str) -> Record:
        """This node's word on a line; it takes the place of the one before. Peers who have the line may read it.

        Raises NotAllowed, NotFound, and BadInput for the base, an unsigned line or no reason.
        """
        self._access.require(by, "redline.manage")
        if line in base_lines():
            raise BadInput("the base holds at every node: it is neither endorsed nor taken back")
        record = self._record(line)
        if record.root is None and record.origin is not Origin.OWN:
            raise BadInput("its author did not sign it: nobody can tell what your word would stand under")
        red_line_in(record)
        reason = _stated(reason)
        records = self._signed(describe_stance(record, stance, reason, self._voice()))
        with self._store.together():
            self._store.records.put(records)
            said = {"stance": stance.value, "sha256": sha256(records[-1].stix).hexdigest()}
            self._access.audit(by.user, "redline.say", subject=line, purpose=reason, detail={**said})
        return records[-1]

    def listed(self, by: Caller) -> tuple[Listed, ...]:
        """The base, then every line that is known here, oldest first, with every word on it. Raises NotAllowed."""
        self._access.require(by, "redline.read")
        now = micros(self._clock())
        base = [
            Listed(one.line, "", "", True, True, overdue=one.line.review_by <= now)
            for one in base_lines().values()
        ]
        kept = self._lines()
        words = self._words({record.id: record for record, _ in kept})
        return (*base, *(self._one(record, line, kept, words.get(line.id, ()), now) for record, line in kept))

    def show(self, by: Caller, line: str) -> Listed:
        """One line as `listed` has it. Raises NotAllowed, NotFound."""
        found = next((one for one in self.listed(by) if one.line.id == line), None)
        if found is None:
            raise NotFound("there is no such red line: `tocsin redline list` shows those there are")
        return found

    def in_force(self, domain: str = "", condition: str = "", at: int | None = None) -> tuple[RedLine, ...]:
        """As `RedLinesInForce`: asked by a gate, not by a person, so no role is asked for."""
        lines = [line for _, line in self._lines()]
        own = [word for line in lines if (word := self._own_word(line.id)) is not None]
        moment = micros(self._clock()) if at is None else at
        return in_force(lines, own, own=self._own, domain=domain, condition=condition, at=moment)

    def known(self) -> frozenset[str]:
        """Ids of the base and of every line that was heard of here: what a plan may name."""
        return frozenset([*(line.id for _, line in self._lines()), *(line.id for line in self.in_force())])

    def _check(self, line: RedLine) -> None:
        for name in ("title", "text", "evidence", "basis"):
            said = getattr(line, name)
            if mask(said) != said:
                raise BadInput(f"the {name} names somebody or an address: a red line is about models")
        if line.scope != "open" and not line.parties:
            raise BadInput("name the parties of a line that is not open to all: --party NAME")
        if line.scope == "bilateral" and len(line.parties) != 1:
            raise BadInput("a bilateral line asks one other party")
        if line.crossed_when != "at-least":
            raise BadInput("a line is crossed at or over its threshold: state it as a rate of failures")
        if not 0 < line.threshold <= 1:
            raise BadInput("the threshold is a share of failures over 0 and at most 1, for example 0.1")
        if line.supersedes:
            why = not_tighter(line, red_line_in(self._record(line.supersedes)))
            if why:
                raise BadInput(f"it does not tighten {line.supersedes}: {why}")

    def _one(
        self,
        record: Record,
        line: RedLine,
        kept: Collection[tuple[Record, RedLine]],
        words: Collection[Word],
        now: int,
    ) -> Listed:
        spoke = {word.party for word in words if word.stance is not Stance.WITHDRAW}
        return Listed(
            line=line,
            author=called(self._store, line.by),
            given_by="" if record.origin is Origin.OWN else record.peer or record.origin.value,
            signed=record.root is not None,
            binds=binds(line, self._own_word(line.id), self._own) and line.in_force <= now,
            words=tuple(words),
            asked=tuple(self._asked(line, spoke)),
            tightened_by=tuple(other.id for _, other in kept if other.supersedes == line.id),
            overdue=line.review_by <= now,
        )

    def _lines(self) -> tuple[tuple[Record, RedLine], ...]:
        """Every red line that is kept, oldest first; of one author at most MAX_OF_AUTHOR, our own without a bound."""
        found: list[tuple[Record, RedLine]] = []
        by_author: dict[str, int] = {}
        for record in self._records("course-of-action"):
            try:
                line = red_line_in(record)
            except TocsinError:  # another course of action, or one whose id is not of its content
                continue
            by_author[record.author] = by_author.get(record.author, 0) + 1
            if record.origin is Origin.OWN or by_author[record.author] <= MAX_OF_AUTHOR:
                found.append((record, line))
        return tuple(found)

    def _words(self, lines: Mapping[str, Record]) -> dict[str, tuple[Word, ...]]:
        peers = self._store.peers.list()
        now = micros(self._clock())
        trusted = {peer.identity for peer in peers if peer.status_at(now) is PeerStatus.TRUSTED}
        suspects = Suspects(peers)
        said: list[tuple[Endorsement, bool]] = []
        for record in self._records("opinion"):
            about = msgspec.json.decode(record.stix, type=_About).object_refs
            line = lines.get(about[0]) if len(about) == 1 else None
            word = None if line is None else stance_in(record, line)
            if word is not None:
                counts = record.author == self._own or (record.author in trusted and record not in suspects)
                said.append((word, counts))
        found: dict[str, list[Word]] = {}
        last = set(map(id, latest(word for word, _ in said).values()))
        for word, counts in said:
            if id(word) in last:
                found.setdefault(word.red_line, []).append(
                    Word(
                        party=word.party,
                        name=called(self._store, word.party),
                        stance=word.stance,
                        reason=word.text,
                        at=word.at,
                        ours=word.party == self._own,
                        counts=counts,
                    )
                )
        return {line: tuple(words) for line, words in found.items()}

    def _own_word(self, line: str) -> Endorsement | None:
        word, about = self._store.records.get(opinion_id(self._own, line)), self._store.records.get(line)
        return None if word is None or about is None else stance_in(word, about)

    def _asked(self, line: RedLine, spoke: Collection[str]) -> Iterator[tuple[str, str, bool]]:
        known = {self._party(peer): peer for peer in self._store.peers.list()}
        own = party_of(self._keys.identity.first)
        for party in line.parties:
            peer = known.get(party)
            if party == own:
                yield party, self._settings.name, self._own in spoke
            else:
                yield party, peer.name if peer else "", peer is not None and peer.identity in spoke

    def _node(self, name: str) -> str:
        """A peer by its name, as a record names it; what is written so already stays."""
        peer = self._store.peers.get(name)
        found = self._party(peer) if peer is not None else name
        if not found.startswith("sha256:"):
            raise BadInput(f"{name[:64]} is no peer whose key is known here: `tocsin peer list` shows them")
        return found

    def _party(self, peer: Peer) -> str:
        return peer_as_party(peer, self._store.keys.statements(peer.identity or ""))

    def _record(self, line: str) -> Record:
        record = self._store.records.get(line)
        if record is None:
            raise NotFound("there is no such red line: `tocsin redline list` shows those there are")
        return record

    def _records(self, kind: str) -> Iterator[Record]:
        after = 0
        while page := self._store.records.list(types=(kind,), after=after, limit=_PAGE):
            yield from page
            after = page[-1].added

    def _voice(self) -> Speaker:
        return Speaker(
            author=self._own, tlp=self._settings.tlp, now=self._clock(), before=self._store.records.get
        )

    def _signed(self, records: Iterable[Record]) -> tuple[Record, ...]:
        known = self._store.records.get(self._own)
        introduced = introduction(
            author=self._own, name=self._settings.name, now=self._clock(), identity=known
        )
        return signed((*introduced, *records), self._keys)


class _About(msgspec.Struct):
    object_refs: list[str] = []


def _stated(reason: str) -> str:
    said = " ".join(reason.split())
    if len(said) < LEAST_REASON_CHARS or mask(said) != said:
        raise BadInput(
            f"give the reason in {LEAST_REASON_CHARS} characters or more, without naming anybody: peers read it"
        )
    return said
