"""Patrol: what is submitted for admission is looked at, later drawn for another look, and its faults become cases.

Enters: a folder with a declaration, samples and a bill of materials. Leaves: a look with its findings, and a case where
there is a fault. Refuses: paths out of the folder, what is beyond a bound, and to do anything to anybody: a person
decides in the case. Of the files their digests are kept, and of who submitted them nothing.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from tocsin.admit.patrol import (
    FILE,
    MAX_DECLARATION_BYTES,
    Bill,
    KnownModel,
    Sampled,
    Seen,
    change,
    findings,
    read_declaration,
    sentence,
    verdict,
    within,
)
from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.patrol_bills import bill_of
from tocsin.kernel import BadInput, Caller, Clock, NotFound, TocsinError, TooLarge, micros
from tocsin.kernel.cases import Case, CaseState, CaseWords
from tocsin.kernel.labels import LabelReport
from tocsin.kernel.models import IntelligenceKind
from tocsin.kernel.patrol import Declaration, DeclaredModel, PatrolCheck, PatrolDraw, Submission
from tocsin.kernel.release import ReleaseDecision
from tocsin.label.formats import Format, suffixes
from tocsin.store.interface import Store
from tocsin.wire.cyclonedx import MAX_BOM_BYTES

READ, MANAGE = "patrol.read", "patrol.manage"
ID_BYTES = 12
RANKS = 1 << 63
MAX_FILES = 2_000
MAX_TOTAL_BYTES = 2 << 30
"""Of one submission: its declaration, samples and bill of materials, not the app itself."""

MAX_TOLD = 40
"""Findings that a case begins with; all stand with the look."""

PIECE = 1 << 20


class ModelsHere(Protocol):
    """What the register says of a model."""

    def digest(self, artefact: str) -> str: ...

    def current(self, by: Caller, artefact: str) -> ReleaseDecision | None: ...


OpenCase = Callable[[Caller, CaseWords], Case]
Verify = Callable[[Caller, Path], LabelReport]


class Patrol:
    """Looks, draws, and lists."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        clock: Clock,
        *,
        share: float,
        models: ModelsHere,
        verify: Verify,
        open_case: OpenCase,
        queues: Callable[[], frozenset[str]],
    ) -> None:
        """`share` of submissions a week are drawn; `queues` are those whose cases this node sees."""
        self._store = store
        self._keys = keys
        self._access = access
        self._clock = clock
        self._share = share
        self._models = models
        self._verify = verify
        self._open_case = open_case
        self._queues = queues

    @property
    def share(self) -> float:
        """How much is drawn; 0 draws nothing."""
        return self._share

    def submit(self, by: Caller, folder: Path) -> PatrolCheck:
        """Take a submission and look at it. Raises NotAllowed, BadInput, TooLarge; nothing is kept then."""
        self._access.require(by, MANAGE)
        return self._looked(by, f"sub_{os.urandom(ID_BYTES).hex()}", folder, before=None)

    def check(self, by: Caller, submission: str, folder: Path) -> PatrolCheck:
        """Look at what a submission is now; a draw of it is answered. Raises as `submit`, NotFound."""
        self._access.require(by, MANAGE)
        return self._looked(by, submission, folder, before=self._kept(submission).latest)

    def show(self, by: Caller, submission: str) -> tuple[PatrolCheck, ...]:
        """Every look at a submission, the first first. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        self._kept(submission)
        return self._store.patrol.checks(submission)

    def listed(
        self, by: Caller, *, after: tuple[int, str] | None = None, limit: int = 100
    ) -> tuple[Submission, ...]:
        """Newest first. Raises NotAllowed."""
        self._access.require(by, READ)
        return self._store.patrol.page(after=after, limit=limit)

    def waiting(self, by: Caller) -> tuple[PatrolDraw, ...]:
        """Drawn, and not looked at yet. Raises NotAllowed."""
        self._access.require(by, READ)
        return self._store.patrol.waiting()

    def tick(self) -> int:
        """This week's draw, once; how many are new in it. Nothing while the share is 0.

        The rank of a submission in a week is keyed by this node (`Keyring.draw`): who submitted it cannot know it, and
        who runs the command cannot choose. What came this week is in next week's draw.
        """
        if self._share <= 0:
            return 0
        now = self._clock()
        year, number, day = now.isocalendar()
        week, monday = f"{year}-W{number:02d}", micros(now) - micros(now) % 86_400_000_000
        monday -= (day - 1) * 86_400_000_000
        drawn = [
            PatrolDraw(one, week, micros(now))
            for one in self._store.patrol.ids(before=monday)
            if self._keys.draw(f"patrol/{week}/{one}") < self._share * RANKS
        ]
        return self._store.patrol.draw(drawn)

    def sample(self, by: Caller) -> tuple[PatrolDraw, ...]:
        """Make this week's draw if nobody did, and say what waits. Raises NotAllowed, BadInput while it is off."""
        self._access.require(by, MANAGE)
        if self._share <= 0:
            raise BadInput("nothing is drawn: set patrol_share in settings.toml, such as 0.1")
        new = self.tick()
        if new:
            self._access.audit(by.user, "patrol.sample", subject="", purpose="patrol", detail={"drawn": new})
        return self._store.patrol.waiting()

    def _looked(
        self, by: Caller, submission: str, folder: Path, *, before: PatrolCheck | None
    ) -> PatrolCheck:
        files = _files(folder)
        declared = _declared(folder, files)
        digests = {path: _digest(file) for path, file in files.items()}
        seen = Seen(
            tuple(self._sampled(by, files, path) for path in dict.fromkeys(declared.samples)),
            tuple(self._known(by, one) for one in declared.models),
            self._bill(declared, files),
            self._known_bad(digests),
        )
        found, left_out = findings(declared, seen)
        now = micros(self._clock())
        with self._store.together():
            drawn = self._store.patrol.checked(submission, now) > 0
            look = PatrolCheck(
                submission=submission,
                number=before.number + 1 if before else 1,
                at=now,
                by=by.user,
                declaration=declared,
                verdict=verdict(found),
                findings=found,
                left_out=left_out,
                files=digests,
                drawn=drawn,
            )
            look = msgspec.structs.replace(look, case=self._case(by, look, before))
            self._store.patrol.keep(look)
            self._access.audit(
                by.user,
                "patrol.check" if before else "patrol.submit",
                subject=submission,
                purpose="patrol",
                detail={"verdict": look.verdict.value, "findings": len(found), "case": look.case},
            )
        return look

    def _case(self, by: Caller, look: PatrolCheck, before: PatrolCheck | None) -> str:
        """The case where a person decides: the one before while it is open, a new one for faults otherwise."""
        if before is not None and before.case:
            case = self._store.cases.get(before.case, self._queues())
            if case is not None and case.state not in (CaseState.CLOSED, CaseState.TRANSFERRED):
                return before.case
        faults = [one for one in look.findings if one.fault]
        if not faults:
            return ""
        told = [f"- {sentence(one)} {change(one)}" for one in faults[:MAX_TOLD]]
        if len(faults) > MAX_TOLD:
            told.append(f"- and {len(faults) - MAX_TOLD} more")
        head = (
            f"Submission {look.submission}, look {look.number}: what the rules found, and what would change it. "
            "Nothing was done because of it."
        )
        title = f"Patrol: {look.declaration.kind.value} {look.declaration.reference or look.submission}"
        return self._open_case(by, CaseWords(title=title, what="\n".join((head, *told)))).id

    def _sampled(self, by: Caller, files: dict[str, Path], path: str) -> Sampled:
        if path not in files:
            raise BadInput(f"{FILE} names the sample {path[:100]!r}, which is not in the folder")
        try:
            report = self._verify(by, files[path])
        except BadInput:  # too large, broken, or of no format that has labels
            return Sampled(path, None)
        known = set(Format)
        return Sampled(path, report, suffixes(Format(report.format)) if report.format in known else ())

    def _known(self, by: Caller, model: DeclaredModel) -> KnownModel:
        try:
            named = self._models.digest(model.name)
        except TocsinError:
            named = ""
        known = self._store.inspections.latest(model.digest) is not None
        decision = self._models.current(by, model.digest)
        return KnownModel(model, known, decision.tier if decision else None, named)

    def _bill(self, declared: Declaration, files: dict[str, Path]) -> Bill | None:
        if not declared.sbom:
            return None
        if declared.sbom not in files:
            raise BadInput(f"{FILE} names the bill {declared.sbom[:100]!r}, which is not in the folder")
        if files[declared.sbom].stat().st_size > MAX_BOM_BYTES:
            return Bill(readable=False)
        return bill_of(files[declared.sbom].read_bytes(), declared.sbom, self._store.intelligence.about)

    def _known_bad(self, digests: dict[str, str]) -> dict[str, str]:
        where = {digest: path for path, digest in digests.items()}
        return {
            where[key]: item.id
            for item in self._store.intelligence.about(set(where))
            if item.kind is IntelligenceKind.FILE_HASH and not item.withdrawn
            for key in item.keys
            if key in where
        }

    def _kept(self, submission: str) -> Submission:
        found = self._store.patrol.get(submission)
        if found is None:
            raise NotFound("there is no such submission: `tocsin access patrol show` lists them")
        return found


def _files(folder: Path) -> dict[str, Path]:
    """Plain files of a submission by their path in it. Raises BadInput for links and devices, TooLarge."""
    if folder.is_symlink() or not folder.is_dir():
        raise BadInput(f"{folder.name[:100]} is no folder: a submission is one with {FILE} in it")
    found: dict[str, Path] = {}
    size = 0
    for path in sorted(_walked(folder)):
        status = path.lstat()
        name = path.relative_to(folder).as_posix()
        if not stat.S_ISREG(status.st_mode):
            raise BadInput(f"{name[:100]!r} is a link or no file: submit plain files")
        size += status.st_size
        found[name] = path
        if len(found) > MAX_FILES or size > MAX_TOTAL_BYTES:
            raise TooLarge(
                f"a submission has at most {MAX_FILES:,} files and {MAX_TOTAL_BYTES >> 30} GiB: send samples, its "
                "declaration and its bill of materials"
            )
    return found


def _walked(folder: Path) -> Iterator[Path]:
    """Everything that is no folder; links to folders are not followed, and are told."""
    for place, folders, names in os.walk(folder):
        here = Path(place)
        yield from (here / name for name in names)
        yield from (here / name for name in folders if (here / name).is_symlink())


def _declared(folder: Path, files: dict[str, Path]) -> Declaration:
    if FILE not in files:
        raise BadInput(f"{folder.name[:100]} has no {FILE}: docs/patrol.md shows one")
    with files[FILE].open("rb") as stream:
        declared = read_declaration(stream.read(MAX_DECLARATION_BYTES + 1))
    return msgspec.structs.replace(
        declared,
        samples=tuple(within(one).as_posix() for one in declared.samples),
        sbom=within(declared.sbom).as_posix() if declared.sbom else "",
    )


def _digest(file: Path) -> str:
    hashed = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            hashed.update(piece)
    return hashed.hexdigest()
