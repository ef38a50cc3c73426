"""Intelligence that comes in: OSV and AVID files, an operator's list, peers' indicators; and what it opens again."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from pathlib import Path

import msgspec

from tocsin.app.access import Access
from tocsin.app.artefact_words import ArtefactWords
from tocsin.app.artefacts import Artefacts
from tocsin.assure.intelligence import matching
from tocsin.assure.intelligence.avid import read_avid
from tocsin.assure.intelligence.file_hashes import hashes_in, item, read_hash_list
from tocsin.assure.intelligence.names import model_keys
from tocsin.assure.intelligence.osv import Unread, read_osv
from tocsin.assure.intelligence.versions import Answer
from tocsin.kernel import BadInput, Caller, Clock, Origin, Peer, PeerStatus, Record, micros
from tocsin.kernel.models import (
    InspectionLine,
    Intelligence,
    IntelligenceKind,
    KeptInspection,
    NoticeCause,
)
from tocsin.store.interface import Store
from tocsin.wire.stix import is_timestamp, micros_of

CHUNK = 2_000
"""Items kept in one transaction: a second of work, so that others write in between."""

MAX_UNREAD = 100
"""Entries that were not taken and are named; the rest is counted."""

CURSOR = "intelligence.records"
PAGE = 1_000
PEER = "peer:"


class FileKind(StrEnum):
    """What `tocsin model intelligence import --kind` takes."""

    OSV = "osv"
    AVID = "avid"
    HASH = "hash"


_READERS: dict[FileKind, Callable[..., Iterator[Intelligence | Unread]]] = {
    FileKind.OSV: read_osv,
    FileKind.AVID: read_avid,
    FileKind.HASH: read_hash_list,
}


class Imported(msgspec.Struct, frozen=True):
    """What became of a file. `reopened` are artefacts whose verdict it opened, `named` models that a report names."""

    file: str
    kind: FileKind
    read: int
    new: int
    unread: tuple[Unread, ...]
    not_taken: int
    reopened: tuple[str, ...]
    named: tuple[str, ...]


class Flaws(msgspec.Struct, frozen=True):
    """What is known of one artefact's components and files now, and which reports name a model called like it."""

    kept: KeptInspection
    matches: tuple[matching.Match, ...]
    bad_files: tuple[Intelligence, ...]
    claims: tuple[Intelligence, ...]

    @property
    def found(self) -> bool:
        """Whether anything is known of a fixed version or of the very bytes; a claim by name is not that."""
        return bool(self.bad_files) or any(match.answer is Answer.AFFECTED for match in self.matches)


class Intake:
    """Keeps what comes in, and tells what it concerns."""

    def __init__(
        self, store: Store, access: Access, artefacts: Artefacts, words: ArtefactWords, clock: Clock
    ) -> None:
        self._store = store
        self._access = access
        self._artefacts = artefacts
        self._words = words
        self._clock = clock

    def read_file(self, by: Caller, file: Path, kind: FileKind) -> Imported:
        """Keep what a file holds; what was kept before and has not changed opens nothing.

        Raises BadInput, NotAllowed.
        """
        self._access.require(by, "model.manage")
        if not file.is_file():
            raise BadInput(f"there is no file {file.name}: name one that was fetched")
        entries = _READERS[kind](file, at=micros(self._clock()))
        read = new = not_taken = 0
        unread: list[Unread] = []
        reopened: dict[str, None] = {}
        named: dict[str, None] = {}
        while chunk := list(islice(entries, CHUNK)):
            items = [one for one in chunk if isinstance(one, Intelligence)]
            broken = [one for one in chunk if isinstance(one, Unread)]
            with self._store.together():  # a crash between the two would leave open what nobody opens again
                fresh = self._store.intelligence.put(items)
                lines, models = self._arrived(fresh)
            read, new, not_taken = read + len(items), new + len(fresh), not_taken + len(broken)
            unread.extend(broken[: MAX_UNREAD - len(unread)])
            reopened.update(dict.fromkeys(line.artefact for line in lines))
            named.update(dict.fromkeys(models))
        self._access.audit(
            by.user,
            "intelligence.import",
            subject=file.name[:128],
            purpose=kind.value,
            detail={"read": read, "new": new, "refused": not_taken, "reopened": len(reopened)},
        )
        return Imported(file.name, kind, read, new, tuple(unread), not_taken, tuple(reopened), tuple(named))

    def hear_peers(self) -> tuple[InspectionLine, ...]:
        """Take the file hashes out of indicators that trusted peers gave since the last time."""
        kept = self._store.jobs.cursor(CURSOR)
        after, opened = int(kept or 0), list[InspectionLine]()
        while page := self._store.records.list(types=("indicator",), after=after, limit=PAGE):
            trusted = self._trusted()
            items = [one for record in page if (one := self._said(record, trusted)) is not None]
            after = page[-1].added
            with self._store.together():
                lines, _ = self._arrived(self._store.intelligence.put(items))
                self._store.jobs.set_cursor(CURSOR, str(after))
            opened.extend(lines)
        return tuple(opened)

    def listed(
        self, *, kind: IntelligenceKind | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[Intelligence, ...]:
        """Newest first."""
        return self._store.intelligence.listed(kind=kind, before=before, limit=limit)

    def flaws(self, kept: KeptInspection) -> Flaws:
        """What is known of one artefact at this moment."""
        about = self._store.intelligence.about
        wanted = matching.components(kept.inspection)
        sha256s = {kept.line.artefact, *(part.sha256 for part in kept.inspection.parts)} - {""}
        names = set(matching.names(kept.inspection))
        for model in self._store.followed.of([kept.line.artefact]):
            names.update(model_keys(model.name))
        return Flaws(
            kept=kept,
            matches=matching.matched(wanted, about({one.key for one in wanted}, kind=IntelligenceKind.OSV)),
            bad_files=tuple(
                one for one in about(sha256s, kind=IntelligenceKind.FILE_HASH) if not one.withdrawn
            ),
            claims=about(names, kind=IntelligenceKind.AVID),
        )

    def _arrived(self, fresh: Sequence[Intelligence]) -> tuple[tuple[InspectionLine, ...], tuple[str, ...]]:
        opened = self._artefacts.concerned([one for one in fresh if one.kind is not IntelligenceKind.AVID])
        return opened, self._claimed([one for one in fresh if one.kind is IntelligenceKind.AVID])

    def _claimed(self, reports: Sequence[Intelligence]) -> tuple[str, ...]:
        """Tell those who follow a model that a report names one called alike. A name is no proof: no verdict opens."""
        if not reports:
            return ()
        followed = self._store.followed.every()
        by_key: dict[str, set[str]] = {}
        for model in followed:
            own = set(model_keys(model.name))
            kept = self._store.inspections.latest(model.artefact) if model.artefact else None
            for key in own | (set(matching.names(kept.inspection)) if kept else set()):
                by_key.setdefault(key, set()).add(model.name)
        models = {model.name: model for model in followed}
        told: dict[str, None] = {}
        for report in reports:
            for name in sorted({name for key in report.keys for name in by_key.get(key, ())}):
                self._words.of_model(models[name], NoticeCause.NAMED, report.id, {"id": report.id})
                told[name] = None
        return tuple(told)

    def _trusted(self) -> dict[str, Peer]:
        """STIX identity of the author → the peer."""
        now = micros(self._clock())
        return {
            peer.identity: peer
            for peer in self._store.peers.list()
            if peer.identity is not None and peer.status_at(now) is PeerStatus.TRUSTED
        }

    def _said(self, record: Record, trusted: dict[str, Peer]) -> Intelligence | None:
        """The item that an indicator of a trusted peer makes; None for every other record."""
        peer = trusted.get(record.author)
        if record.origin is not Origin.PEER or peer is None:
            return None
        if peer.suspect(version=record.version, added=record.added):  # written while its key was not its own
            return None
        body = msgspec.json.decode(record.stix)
        kinds = body.get("indicator_types") or ()
        pattern = body.get("pattern")
        if body.get("pattern_type") != "stix" or not isinstance(pattern, str) or "benign" in kinds:
            return None
        hashes = hashes_in(pattern)
        if not hashes:
            return None
        until = body.get("valid_until")
        ended = is_timestamp(until) and micros_of(until) <= micros(self._clock()) if until else False
        return item(
            record.id,
            hashes,
            digest=sha256(record.stix).hexdigest(),
            at=micros(self._clock()),
            title=str(body.get("name", "")),
            source=f"{PEER}{peer.name}",
            withdrawn=bool(body.get("revoked")) or ended,
        )
