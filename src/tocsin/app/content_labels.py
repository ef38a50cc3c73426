"""Labels of content, as a node writes and reads them: its own key, its own name, a line in the audit.

Enters: files, and what is to be said of them. Leaves: labelled files, reports. Refuses: who may not; and it keeps
neither a file nor who asked about it beyond the audit's line.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from tocsin.app.access import Access
from tocsin.app.label_key import LabelKeyFile, believed, label_key
from tocsin.app.labelled import Labelled
from tocsin.kernel import BadInput, Caller, Clock, TocsinError, TooLarge, Unavailable
from tocsin.kernel.labels import LabelReport
from tocsin.label.carrying import Ask
from tocsin.label.formats import PICTURES, TEXTS, Format, media_type, sniff, suffixes
from tocsin.label.looking import Judged, judged, verified
from tocsin.label.verifying import format_of
from tocsin.label.writing import Written, write

if TYPE_CHECKING:
    from tocsin.label.apart import Apart, Cage

WRITE, VERIFY = "label.write", "label.verify"
MAX_BODY_BYTES = 64 << 20
"""A file in one request, held in memory: larger ones go over the command line."""

FILES_A_PARSER = 2
"""Files of requests under way for each process that parses: one in work, one next. Each holds its body in memory,
and a thread of the node for up to minutes: with more of them nobody else would be answered.
"""


class LabelledBytes(msgspec.Struct, frozen=True):
    """A labelled file that came and goes as bytes."""

    content: bytes
    media_type: str
    written: Written


class ContentLabels:
    """Writes and reads labels for callers that may. What is read is judged apart; what is written is one's own."""

    def __init__(
        self, data: Path, name: str, access: Access, labelled: Labelled, apart: "Apart", clock: Clock
    ) -> None:
        self._data = data
        self._name = name
        self._access = access
        self._labelled = labelled
        self._apart = apart
        self._clock = clock
        self._room = threading.BoundedSemaphore(apart.keepers * FILES_A_PARSER)

    @contextmanager
    def place(self) -> Iterator[None]:
        """One file of a request, from its first byte to its answer. Raises Unavailable, at once."""
        if not self._room.acquire(blocking=False):
            raise Unavailable("as many files as this node looks at are under way: send it again in a minute")
        try:
            yield
        finally:
            self._room.release()

    @property
    def name(self) -> str:
        """Whom a label names as the producer where nobody else is named."""
        return self._name

    def cage(self) -> "Cage":
        """What of the cage holds on this machine around the parsers of foreign files. Raises Unavailable."""
        return self._apart.holds()

    def key(self, by: Caller, *, renew: bool = False) -> LabelKeyFile:
        """The node's key for labels, made anew when asked. Raises NotAllowed, Unavailable."""
        self._access.require(by, WRITE)
        found = label_key(self._data, self._name, self._clock, renew=renew)
        if renew:
            self._access.audit(by.user, "label.key", subject=found.until.isoformat(), purpose="label")
        return found

    def write(self, by: Caller, source: Path, target: Path, ask: Ask, *, foreign: bool = False) -> Written:
        """`label.writing.write` with the node's key; what it is like is remembered. Raises NotAllowed, and as that.

        Sound, film, PDF and DOCX are parsed apart, and whatever came over the wire (`foreign`): one's own pictures and
        texts are not, for a process apart costs more than they do.
        """
        key = self.key(by).key
        own = not foreign and format_of(source) in PICTURES | TEXTS
        written = write(source, target, ask, key, self._clock(), apart=None if own else self._apart)
        with suppress(TocsinError):  # a label is whole without it, whatever keeps its code from being made
            self._labelled.keep(target, Format(written.format), written.report.sha256, ask.label.content_id)
        self._access.audit(
            by.user,
            WRITE,
            subject=written.report.sha256,
            purpose="label",
            detail={"format": written.format, "schemes": ",".join(written.schemes)},
        )
        return written

    def verify(self, by: Caller, path: Path) -> LabelReport:
        """`label.verifying.verify`, apart, by whom this node believes. Raises NotAllowed, and as that does."""
        self._access.require(by, VERIFY)
        return self._apart.run(verified, path, believed(self._data).pem, self._clock(), reads=[path])

    def verify_each(self, by: Caller, files: Sequence[Path], named: Path | None = None) -> Iterator[Judged]:
        """Many files, by whom this node believes and the anchors that were named. Raises NotAllowed, BadInput."""
        self._access.require(by, VERIFY)
        return judged(self._apart, files, believed(self._data, named).pem, self._clock())

    def write_bytes(self, by: Caller, content: bytes, suffix: str, ask: Ask) -> LabelledBytes:
        """As `write`, of a file that came over the wire. Raises TooLarge besides."""
        with TemporaryDirectory(prefix="tocsin-label-") as folder:
            path = _placed(Path(folder), content, suffix)
            written = self.write(by, path, path, ask, foreign=True)
            format_ = sniff(content, suffix)
            return LabelledBytes(path.read_bytes(), media_type(format_), written)

    def verify_bytes(self, by: Caller, content: bytes, suffix: str) -> LabelReport:
        """As `verify`, of a file that came over the wire. Raises TooLarge besides."""
        with TemporaryDirectory(prefix="tocsin-label-") as folder:
            return self.verify(by, _placed(Path(folder), content, suffix))


def suffix_of(kind: str, name: str = "") -> str:
    """The end of a file's name by its media type, for texts alone: all else is told by its bytes."""
    from tocsin.label.formats import TEXTS

    for format_ in TEXTS:
        if kind == media_type(format_):
            return suffixes(format_)[0]
    return Path(name).suffix


def _placed(folder: Path, content: bytes, suffix: str) -> Path:
    if len(content) > MAX_BODY_BYTES:
        raise TooLarge(f"a file in one request has at most {MAX_BODY_BYTES >> 20} MiB: use `tocsin label`")
    if not content:
        raise BadInput("there is no file in the request")
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    path.write_bytes(content)
    return path
