"""Models that somebody here deployed and wants to hear of: followed by name, looked after day by day.

A look costs reading all bytes, so a path whose files have not moved (names, sizes, times that the system keeps) is
taken as read, for READ_ANEW_DAYS at most.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec

from tocsin.app.access import Access
from tocsin.app.artefact_words import CHANNEL, SHOWN_DIGITS, USER, ArtefactWords
from tocsin.app.artefacts import DIGEST_CHARS, Artefacts
from tocsin.assure.intelligence.names import file_key
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, TocsinError, at_micros, micros
from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection
from tocsin.kernel.models import ArtefactNotice, FollowedModel, KeptInspection, ModelState, NoticeCause
from tocsin.store.interface import Store

MAX_FOLLOWED = 10_000
MAX_CONTACTS = 20
MAX_NAME_CHARS = 128
MAX_FILES = 200_000
"""Of one followed folder; what has more is read anew each time."""

READ_ANEW_DAYS = 30
"""Times of files can be set back by who owns the machine; after so many days the bytes themselves are read."""

_SEEN = "followed."


class Checked(msgspec.Struct, frozen=True):
    """What became of one model on a walk. `fault` says why it could not be looked at."""

    model: str
    said: tuple[NoticeCause, ...]
    read: bool
    fault: str = ""


class Following:
    """Follows, checks, answers."""

    def __init__(
        self, store: Store, access: Access, artefacts: Artefacts, words: ArtefactWords, clock: Clock
    ) -> None:
        self._store = store
        self._access = access
        self._artefacts = artefacts
        self._words = words
        self._clock = clock

    def follow(
        self,
        by: Caller,
        name: str,
        *,
        path: Path | None = None,
        digest: str = "",
        publisher: str = "",
        deployed_by: Iterable[str] = (),
        review: date | None = None,
        parent: str = "",
    ) -> FollowedModel:
        """Follow a model from now on, or change how one is followed. A path is inspected now.

        `deployed_by` are names of channels or of users of this node. Raises BadInput, NotAllowed, NotFound.
        """
        self._access.require(by, "model.manage")
        if not (name.isprintable() and 0 < len(name.strip()) == len(name) <= MAX_NAME_CHARS):
            raise BadInput(f"a model's name has 1 to {MAX_NAME_CHARS} printable characters")
        if len(name) == DIGEST_CHARS and file_key(name):
            raise BadInput("a name that is a digest would be taken for one: choose another")
        if (path is None) == (not digest):
            raise BadInput("say what to follow: --path PATH, or --digest DIGEST")
        if digest and not file_key(digest):
            raise BadInput("a digest is a sha256: 64 hexadecimal digits")
        known = self._store.followed.get(name)
        if known is None and len(self._store.followed.every()) >= MAX_FOLLOWED:
            raise BadInput(f"a node follows at most {MAX_FOLLOWED:,} models: unfollow one")
        contacts = tuple(dict.fromkeys(self._contact(one) for one in deployed_by))
        if len(contacts) > MAX_CONTACTS:
            raise BadInput(f"at most {MAX_CONTACTS} are told of a model: make a channel for more")
        kept = self._artefacts.record(by, path, name=name, parent=parent) if path is not None else None
        now = micros(self._clock())
        model = FollowedModel(
            name=name,
            source=kept.line.source if kept else "",
            artefact=kept.line.artefact if kept else file_key(digest),
            by=by.user,
            made=known.made if known else now,
            changed=now,
            publisher=publisher[:MAX_NAME_CHARS],
            deployed_by=contacts,
            review=None if review is None else _micros_of(review),
            parent=parent[:MAX_NAME_CHARS],
        )
        with self._store.together():
            self._store.followed.put(model)
            self._access.audit(
                by.user, "model.follow", subject=name, purpose="", detail={"artefact": model.artefact}
            )
            if kept is not None:
                self._saw(model, now)
        return model

    def unfollow(self, by: Caller, name: str) -> None:
        """Follow it no more; inspections and what was said stay. Raises NotAllowed, NotFound."""
        self._access.require(by, "model.manage")
        with self._store.together():
            if not self._store.followed.remove(name):
                raise NotFound(f"no model is followed as {name[:64]!r}: `tocsin model list` shows them")
            self._access.audit(by.user, "model.unfollow", subject=name, purpose="")

    def answer(self, by: Caller, notice_id: str, answer: str = "") -> ArtefactNotice:
        """Mark word as read, and say what was done. Raises NotAllowed, NotFound, Conflict."""
        self._access.require(by, "model.read")
        known = self._store.artefact_notices.get(notice_id)
        if known is None:
            raise NotFound(f"there is no notice {notice_id[:64]}: `tocsin model notices` shows them")
        if known.answer:
            raise Conflict("it was answered already; what was said stays")
        with self._store.together():
            said = self._store.artefact_notices.answer(
                notice_id, by=by.user, at=micros(self._clock()), answer=answer[:1_000]
            )
            self._access.audit(by.user, "model.answer", subject=notice_id, purpose=answer[:400])
        return said

    def check(self) -> tuple[Checked, ...]:
        """Walk every followed model once; saying a second time what was said adds nothing."""
        return tuple(self._check(model) for model in self._store.followed.every())

    def _check(self, model: FollowedModel) -> Checked:
        """1. Is it there? 2. Are its files the same? 3. What else changed with them? 4. Is a review due?"""
        said: list[NoticeCause] = []
        read, fault = False, ""
        if model.source:
            there = Path(model.source).exists()
            if not there and model.state is ModelState.ACTIVE:  # 1
                model = self._changed(model, state=ModelState.WITHDRAWN)
                said += self._tell(model, NoticeCause.WITHDRAWN, str(model.changed), {})
            elif there and model.state is ModelState.WITHDRAWN:
                model = self._changed(model, state=ModelState.ACTIVE)
                said += self._tell(model, NoticeCause.RETURNED, str(model.changed), {})
            if there and self._moved(model):  # 2
                try:
                    model, more = self._read_anew(model)
                    said, read = said + more, True
                except (TocsinError, OSError) as problem:
                    fault = (
                        problem.message if isinstance(problem, TocsinError) else "its files cannot be read"
                    )
        if model.review is not None and model.review <= micros(self._clock()):  # 4
            day = at_micros(model.review).date().isoformat()
            said += self._tell(model, NoticeCause.REVIEW_DUE, day, {"day": day})
        return Checked(model.name, tuple(said), read, fault)

    def _read_anew(self, model: FollowedModel) -> tuple[FollowedModel, list[NoticeCause]]:
        before = self._store.inspections.latest(model.artefact)
        kept = self._artefacts.look_at(Path(model.source), name=model.name, parent=model.parent)
        now = micros(self._clock())
        if kept.line.artefact == model.artefact:
            self._saw(model, now)
            return model, []
        with self._store.together():
            old, new = model.artefact, kept.line.artefact
            model = self._changed(model, artefact=new)
            said = self._tell(
                model,
                NoticeCause.NEW_VERSION,
                str(kept.line.at),
                {"old": old[:SHOWN_DIGITS], "new": new[:SHOWN_DIGITS]},
            )
            if before is not None:
                said += self._what_changed(model, before, kept)  # 3
            self._saw(model, now)
        return model, said

    def _what_changed(
        self, model: FollowedModel, before: KeptInspection, after: KeptInspection
    ) -> list[NoticeCause]:
        from tocsin.assure.texts.compared_templates import compared, places_that_differ, templates_of

        said: list[NoticeCause] = []
        old, new = (templates_of(kept.inspection.facts) for kept in (before, after))
        if {(one.path, one.sha256) for one in old} != {(one.path, one.sha256) for one in new}:
            told = compared(old, new)
            found = sum(one.verdict is not ArtefactVerdict.CLEAN for one in told)
            counts = {"count": places_that_differ(told), "found": found}
            said += self._tell(model, NoticeCause.TEMPLATE, str(after.line.at), counts, told)
        if _licences(before.inspection) != _licences(after.inspection):
            said += self._tell(model, NoticeCause.LICENCE, str(after.line.at), {})
        if before.line.verdict is not after.line.verdict:
            values = {"old": before.line.verdict.value, "new": after.line.verdict.value}
            said += self._tell(model, NoticeCause.VERDICT, after.line.id, values)
        return said

    def _tell(
        self,
        model: FollowedModel,
        cause: NoticeCause,
        occasion: str,
        values: Mapping[str, str | int | float],
        told: tuple[Finding, ...] = (),
    ) -> list[NoticeCause]:
        return [cause] if self._words.of_model(model, cause, occasion, values, told=told) else []

    def _changed(
        self, model: FollowedModel, *, state: ModelState | None = None, artefact: str = ""
    ) -> FollowedModel:
        changed = msgspec.structs.replace(
            model,
            state=state or model.state,
            artefact=artefact or model.artefact,
            changed=micros(self._clock()),
        )
        self._store.followed.put(changed)
        return changed

    def _moved(self, model: FollowedModel) -> bool:
        seen, _, at = (self._store.jobs.cursor(_SEEN + model.name) or "").partition("@")
        long_ago = micros(self._clock()) - int(at or 0) >= READ_ANEW_DAYS * 86_400_000_000
        return long_ago or not seen or seen != fingerprint(Path(model.source))

    def _saw(self, model: FollowedModel, at: int) -> None:
        self._store.jobs.set_cursor(_SEEN + model.name, f"{fingerprint(Path(model.source))}@{at}")

    def _contact(self, name: str) -> str:
        """A channel's or a user's name as it is kept. A channel comes first: it reaches more people."""
        plain = name.removeprefix(CHANNEL).removeprefix(USER)
        if not name.startswith(USER) and self._store.outbox.get(plain) is not None:
            return CHANNEL + plain
        if not name.startswith(CHANNEL) and (user := self._store.people.user(plain)) is not None:
            return USER + user.id
        raise NotFound(
            f"there is neither a channel nor a user {plain[:64]!r}: "
            "`tocsin watch channels list` and `tocsin user list` show them"
        )


def fingerprint(path: Path) -> str:
    """Whether files moved: names, sizes and times of change of all of them, hashed; "" where there are too many."""
    digest = hashlib.sha256()
    count = 0
    for where, folders, files in os.walk(path) if path.is_dir() else [(str(path.parent), [], [path.name])]:
        folders.sort()
        for name in sorted(files):
            count += 1
            if count > MAX_FILES:
                return ""
            full = Path(where, name)
            try:
                about = full.stat()
                line = f"{full}\x00{about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} {about.st_ino}\n"
            except OSError:
                line = f"{full}\x00gone\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _licences(inspection: Inspection) -> frozenset[bytes]:
    """What its files name, with their places, to be compared."""
    return frozenset(
        msgspec.json.encode([fact.path, fact.values], order="deterministic")
        for fact in inspection.facts
        if fact.kind == "licence"
    )


def _micros_of(day: date) -> int:
    return (day - date(1970, 1, 1)) // timedelta(microseconds=1)
