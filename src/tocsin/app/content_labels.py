"""Labels of content, as a node writes and reads them: its own key, its own name, a line in the audit.

Enters: files, and what is to be said of them. Leaves: labelled files, reports. Refuses: who may not; and it keeps
neither a file nor who asked about it beyond the audit's line.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from tocsin.app.access import Access
from tocsin.app.label_key import LabelKeyFile, believed, label_key
from tocsin.kernel import BadInput, Caller, Clock, TocsinError, TooLarge
from tocsin.kernel.labels import LabelReport
from tocsin.label.carrying import Ask
from tocsin.label.formats import Format, media_type, sniff, suffixes
from tocsin.label.looking import verified
from tocsin.label.writing import Written, write
from tocsin.store.label_interface import LabelledContent

if TYPE_CHECKING:
    from tocsin.label.apart import Apart

Remember = Callable[[Path, Format, str, str], LabelledContent | None]
"""A content as it left, its format, its SHA-256 and its number."""
WRITE, VERIFY = "label.write", "label.verify"
MAX_BODY_BYTES = 64 << 20
"""A file in one request, held in memory: larger ones go over the command line."""


class LabelledBytes(msgspec.Struct, frozen=True):
    """A labelled file that came and goes as bytes."""

    content: bytes
    media_type: str
    written: Written


class ContentLabels:
    """Writes and reads labels for callers that may."""

    def __init__(
        self, data: Path, name: str, access: Access, clock: Clock, parsers: "Apart", remember: Remember
    ) -> None:
        """`remember` is told what left with a label (`app.labelled`)."""
        self._data = data
        self._name = name
        self._access = access
        self._clock = clock
        self._parsers = parsers
        self._remember = remember

    @property
    def name(self) -> str:
        """Whom a label names as the producer where nobody else is named."""
        return self._name

    def key(self, by: Caller, *, renew: bool = False) -> LabelKeyFile:
        """The node's key for labels, made anew when asked. Raises NotAllowed, Unavailable."""
        self._access.require(by, WRITE)
        found = label_key(self._data, self._name, self._clock, renew=renew)
        if renew:
            self._access.audit(by.user, "label.key", subject=found.until.isoformat(), purpose="label")
        return found

    def write(self, by: Caller, source: Path, target: Path, ask: Ask) -> Written:
        """`label.writing.write` with the node's key. Raises NotAllowed, and as that does."""
        key = self.key(by).key
        written = write(source, target, ask, key, self._clock(), apart=self._parsers)
        remembered = self._remembered(target, written, ask)
        self._access.audit(
            by.user,
            WRITE,
            subject=written.report.sha256,
            purpose="label",
            detail={
                "format": written.format,
                "schemes": ",".join(written.schemes),
                "remembered": "yes" if remembered else "no",
            },
        )
        return written

    def verify(self, by: Caller, path: Path, named: Path | None = None) -> LabelReport:
        """`label.verifying.verify` by whom this node believes, and by the anchors that were named."""
        self._access.require(by, VERIFY)
        known = believed(self._data, named)
        return self._parsers.run(verified, path, known.pem, self._clock(), reads=[path])

    def _remembered(self, target: Path, written: Written, ask: Ask) -> bool:
        """A content that cannot be told by anything has its label all the same."""
        try:
            kept = self._remember(target, Format(written.format), written.report.sha256, ask.label.content_id)
        except TocsinError:
            return False
        return bool(kept and kept.bits)

    def write_bytes(self, by: Caller, content: bytes, suffix: str, ask: Ask) -> LabelledBytes:
        """As `write`, of a file that came over the wire. Raises TooLarge besides."""
        with TemporaryDirectory(prefix="tocsin-label-") as folder:
            path = _placed(Path(folder), content, suffix)
            written = self.write(by, path, path, ask)
            format_ = sniff(content, suffix)
            return LabelledBytes(path.read_bytes(), media_type(format_), written)

    def verify_bytes(self, by: Caller, content: bytes, suffix: str) -> LabelReport:
        """As `verify`, of a file that came over the wire. Raises TooLarge besides."""
        self._access.require(by, VERIFY)
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
