"""What this node labelled, remembered by what it is like, so that a copy without its label can still be recognised.

Enters: a content as it left with its label; later a file, in a case, with a purpose. Leaves: which of this node's own
contents it is, and how alike. Refuses: to look without a case, for more files than a case has, or after the stated
time. What is asked about is not kept, and nothing of it is matched with anything but this node's own contents.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from tocsin.app.access import Access
from tocsin.app.cases import Cases
from tocsin.kernel import BadInput, Caller, Clock, NotAllowed, micros
from tocsin.kernel.cases import CaseState
from tocsin.label.codes import AT_MOST, Alike, apart_by, bits_of, code_of
from tocsin.label.formats import Format
from tocsin.label.looking import looked_at
from tocsin.store.interface import Store
from tocsin.store.label_interface import LabelledContent

if TYPE_CHECKING:
    from tocsin.label.apart import Apart

RECALL = "label.recall"
MAX_FILES_A_CASE = 50
"""A case is about some files. Who has more has a collection, and this is not to become a search over one."""
MAX_FOUND = 10
MIN_PURPOSE_CHARS, MAX_PURPOSE_CHARS = 5, 400
_PAGE = 5_000
_DAY = 86_400_000_000


class Recalled(msgspec.Struct, frozen=True):
    """One of this node's own contents. `differs` of `bits` bits; `same`: these very bytes."""

    content_id: str
    format: str
    at: int
    until: int
    same: bool
    differs: int
    bits: int


class Recollection(msgspec.Struct, frozen=True):
    """The nearest first. None found says that nothing like it was labelled here in `days` days, and no more.

    `told_by`: "picture", "sound", "film", "text", or "" where the file has too little to be told by.
    """

    sha256: str
    found: tuple[Recalled, ...]
    told_by: str
    looked: int
    days: int


class Labelled:
    """Keeps what is labelled here; answers about it in a case."""

    def __init__(
        self, store: Store, access: Access, cases: Cases, apart: "Apart", clock: Clock, *, days: int
    ) -> None:
        self._store = store
        self._access = access
        self._cases = cases
        self._apart = apart
        self._clock = clock
        self._days = days

    def keep(self, file: Path, format_: Format, sha256: str, content_id: str) -> LabelledContent | None:
        """Remember a content as it leaves. None where an operator keeps none (`label_recall_days = 0`).

        Who labels has been asked for `label.write` already. Raises BadInput, Unavailable as `label.codes`.
        """
        if self._days == 0:
            return None
        alike = self._code(file, format_)
        now = micros(self._clock())
        kept = LabelledContent(
            sha256,
            content_id,
            format_.value,
            alike.kind if alike else "",
            alike.bits if alike else "",
            at=now,
            until=now + self._days * _DAY,
        )
        self._store.labels.keep(kept)
        return kept

    def recognise(self, by: Caller, case_id: str, file: Path, *, purpose: str) -> Recollection:
        """Whether a file is a content of this node's own. In the audit. Raises NotAllowed, NotFound, BadInput.

        1. The act, the case, the purpose; the case is open. 2. No more files than a case has. 3. Its bytes. 4. What it
        is like, told apart. 5. The nearest, within what that kind may differ by.
        """
        self._access.require(by, RECALL)  # 1
        case = self._cases.get(by, case_id)
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"say for what, in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        if case.state is CaseState.CLOSED:
            raise NotAllowed("the case is closed: a file is recognised in an open one")
        format_, sha256 = self._apart.run(looked_at, file, reads=[file])
        now = micros(self._clock())
        if self._store.labels.ask(case_id, sha256, now) > MAX_FILES_A_CASE:  # 2
            self._told(by, case_id, purpose, sha256, outcome="refused")
            raise NotAllowed(f"{MAX_FILES_A_CASE} files of this case were looked at already")
        same = self._store.labels.same(sha256, at=now)  # 3
        alike = self._code(file, format_)  # 4
        near, looked = self._near(alike, sha256, now) if alike else ([], 0)  # 5
        if same is not None:
            near = [_recalled(same, 0, same=True), *near]
        found = tuple(near[:MAX_FOUND])
        self._told(by, case_id, purpose, sha256, found=len(found))
        return Recollection(sha256, found, alike.kind if alike else "", looked, self._days)

    def expire(self) -> int:
        """Forget what was to be kept until before now, and questions as old."""
        now = micros(self._clock())
        return self._store.labels.forget(before=now, questions_before=now - self._days * _DAY)

    def _code(self, file: Path, format_: Format) -> Alike | None:
        with TemporaryDirectory() as place:
            return self._apart.run(code_of, file, format_, Path(place), reads=[file], writes=[Path(place)])

    def _near(self, alike: Alike, but: str, now: int) -> tuple[list[Recalled], int]:
        near: list[Recalled] = []
        looked, after = 0, ""
        while page := self._store.labels.of_kind(alike.kind, at=now, after=after, limit=_PAGE):
            after = page[-1].sha256
            looked += len(page)
            for one in page:
                differs = apart_by(alike, Alike(one.kind, one.bits))
                if differs <= AT_MOST[alike.kind] and one.sha256 != but:
                    near.append(_recalled(one, differs, same=False))
            near = sorted(near, key=lambda one: (one.differs, one.content_id))[:MAX_FOUND]
        return near, looked

    def _told(
        self, by: Caller, case_id: str, purpose: str, sha256: str, *, found: int = 0, outcome: str = "done"
    ) -> None:
        self._access.audit(
            by.user,
            RECALL,
            subject=case_id,
            purpose=purpose.strip(),
            outcome=outcome,
            detail={"sha256": sha256, "found": found},
        )


def _recalled(content: LabelledContent, differs: int, *, same: bool) -> Recalled:
    return Recalled(
        content.content_id, content.format, content.at, content.until, same, differs, bits_of(content.kind)
    )
