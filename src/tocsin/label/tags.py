"""The tags of sound and film, read: GB 45438's field wherever producers put it, and XMP.

It stands in a TXXX frame named AIGC (MP3), in the comment behind `AIGC=` (WAV), in a key AIGC (MP4), in ID3 inside
WAV, in XMP. The reader gives an MP4's keys by number, so there any value counts that is such a field.
"""

import re
from pathlib import Path

import msgspec

from tocsin.kernel import BadInput, TooLarge, Unavailable
from tocsin.kernel.labels import Scheme
from tocsin.label.carrying import Carried, Field
from tocsin.label.fields import carried_in
from tocsin.label.formats import Format
from tocsin.wire import aigc, xmp

MAX_FILE_BYTES = 8 << 30
"""Two hours of film at high quality. Nothing of it is held but a buffer."""
XMP_WINDOW_BYTES = 4 << 20
"""Programs write XMP before or behind the sound and pictures: so much of either end is looked through."""
_FIELD = "aigc"
_IN_COMMENT = re.compile(r"^AIGC=(\{.*\})\s*$", re.MULTILINE)
_PLACES = {Format.MP3: "id3", Format.WAV: "info", Format.MP4: "keys"}


class Tags(msgspec.Struct, frozen=True):
    """The texts of a file's tags by lower-case name, and the packets of XMP that were found."""

    texts: tuple[tuple[str, str], ...]
    packets: tuple[bytes, ...]

    def named(self, name: str) -> tuple[str, ...]:
        """Every text of one name."""
        return tuple(text for known, text in self.texts if known == name)


def tags(file: Path) -> Tags:
    """What stands in the tags. Raises BadInput for a file that cannot be read, TooLarge, Unavailable."""
    try:
        from tinytag import TinyTag
    except ImportError:
        raise Unavailable("tags of sound and film need their reader: pip install 'tocsin[label]'") from None
    checked_size(file)
    try:
        found = TinyTag.get(file, duration=False).as_dict()
    except Exception as error:  # of every kind; all mean the same
        raise BadInput(f"{file.name} cannot be read: it is damaged, cut short, or of another kind") from error
    texts = [
        (name.lower().lstrip("_"), value)
        for name, values in found.items()
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, str) and len(value) <= xmp.MAX_PACKET_BYTES
    ]
    inside = tuple(text.encode() for name, text in texts if name == "xmp")
    return Tags(tuple(texts), tuple(dict.fromkeys((*_trimmed(inside), *_at_the_ends(file)))))


def checked_size(file: Path) -> int:
    """How many bytes. Raises TooLarge."""
    size = file.stat().st_size
    if size > MAX_FILE_BYTES:
        raise TooLarge(f"{file.name} is larger than {MAX_FILE_BYTES >> 30} GiB: label it in parts")
    return size


def carried(file: Path, format_: Format) -> Carried:
    """What the tags say of how it was made. Only a person can tell whether a notice is heard or seen."""
    found = tags(file)
    told = carried_in(found.packets)
    fields = [Field(Scheme.GB45438, _PLACES[format_], text) for text in fields_in(found, format_)]
    return Carried(
        tuple(dict.fromkeys((*fields, *told.fields))),
        notice=None,
        traces=told.traces,
        notes=(*told.notes, *_odd(file, format_)),
    )


def fields_in(found: Tags, format_: Format) -> tuple[str, ...]:
    """The texts of the field AIGC outside XMP, each once."""
    texts = list(found.named(_FIELD))
    for text in found.named("comment"):
        texts.extend(_IN_COMMENT.findall(text))
    if format_ is Format.MP4:
        texts.extend(text for name, text in found.texts if name != _FIELD and _is_field(text))
    return tuple(dict.fromkeys(texts))


def comment_with(found: Tags, field: str) -> str:
    """The comment to write into WAV: what people wrote there is kept, the field has a line of its own."""
    kept = [_IN_COMMENT.sub("", text).strip() for text in found.named("comment")]
    return "\n".join([*(text for text in kept if text), f"AIGC={field}"])


def _is_field(text: str) -> bool:
    if '"' not in text or "contentproducer" not in text.lower():
        return False
    try:
        aigc.read(text)
    except BadInput:
        return False
    return True


def _trimmed(packets: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(one for packet in packets for one in xmp.scanned(packet))


def _at_the_ends(file: Path) -> tuple[bytes, ...]:
    size = file.stat().st_size
    with file.open("rb") as stream:
        head = stream.read(XMP_WINDOW_BYTES)
        rest = max(len(head), size - XMP_WINDOW_BYTES)
        stream.seek(rest)
        return (*xmp.scanned(head), *xmp.scanned(stream.read(XMP_WINDOW_BYTES)))


def _odd(file: Path, format_: Format) -> tuple[str, ...]:
    """WAV says its length: what lies behind it is no sound."""
    if format_ is not Format.WAV:
        return ()
    with file.open("rb") as stream:
        head = stream.read(8)
    says = int.from_bytes(head[4:8], "little") + 8
    if head[:4] == b"RIFF" and says % 2 == 0 and file.stat().st_size > says:
        return ("trailing-bytes",)
    return ()
