"""What is sent: fields and files, read into memory within bounds and never to a disk unsealed.

Enters: the body of a POST, from somebody on a slow line. Leaves: plain fields and bytes of files. Refuses: more than
MAX_BODY_BYTES, more than MAX_FILES files, what takes longer than BODY_SECONDS; and once many large ones are under
way at a time, large ones, with "try again": a report of words alone is always read.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from tocsin.kernel import BadInput, TooLarge, Unavailable
from tocsin.web.ingest import SlowBody

MAX_FILES = 6
MAX_FILE_BYTES = 8 << 20
"""A photograph of a new telephone, or a minute of its voice."""
MAX_FILES_BYTES = 20 << 20
"""Files of one report together: ten minutes on a line of 0.3 Mbit/s."""
MAX_TEXT_BYTES = 256 << 10
"""All fields together: 20,000 characters of Mongolian, escaped, are under half of it."""
MAX_BODY_BYTES = MAX_FILES_BYTES + MAX_TEXT_BYTES
MAX_FIELDS = 32
BODY_SECONDS = 900.0
"""The largest body on a slow line; a body that drips beyond it ends with 408."""
SMALL_BYTES = 64 << 10
"""Bodies up to here are not counted: as many as there are connections fit into 16 MB."""
MAX_BYTES_UNDER_WAY = 256 << 20
"""Of larger bodies at a time, counted twice. It holds six of the largest."""


class SentFile(msgspec.Struct, frozen=True):
    """A file as sent. Its name is not read: it may name a person."""

    content: bytes
    declared: str
    """Media type in the sender's words."""


class Sent(msgspec.Struct, frozen=True):
    """A body as read; each field once."""

    fields: dict[str, str]
    files: tuple[SentFile, ...] = ()


class Room:
    """Memory that large bodies under way share. In the event loop alone."""

    def __init__(self, most: int = MAX_BYTES_UNDER_WAY) -> None:
        self.left = most

    @contextmanager
    def place(self) -> "Iterator[Place]":
        """Of one request, until it is answered."""
        place = Place(self)
        try:
            yield place
        finally:
            self.left += place.taken


class Place:
    """What one request has of the room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.taken = 0

    def need(self, size: int) -> None:
        """Raises Unavailable when the room is full."""
        wanted = 2 * size - self.taken  # twice: the body, and what is made of it
        if wanted > self._room.left:
            raise Unavailable(
                "many files are being sent just now: send the words alone, and add the files in a few minutes"
            )
        self._room.left -= wanted
        self.taken += wanted


async def read_body(request: Request[Any, Any, Any], place: Place) -> bytes:
    """The whole body. Raises TooLarge, SlowBody, Unavailable."""
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    raise TooLarge(
                        f"a report may hold {MAX_FILES_BYTES >> 20} MB of files: send fewer, and add others later"
                    )
                if size > SMALL_BYTES:
                    place.need(size)
                pieces.append(chunk)
    except TimeoutError:
        raise SlowBody("the report took too long to arrive: send it without files first") from None
    return b"".join(pieces)


def read_sent(body: bytes, content_type: str) -> Sent:
    """The fields and files of a form, urlencoded or multipart (RFC 7578). Raises BadInput, TooLarge."""
    media_type, options = parse_options_header(content_type[:512])
    if media_type == "application/x-www-form-urlencoded":
        return Sent(_fields(_urlencoded(body)))
    if media_type != "multipart/form-data" or not options.get("boundary"):
        raise BadInput("this page takes forms only: use the one on the page before")
    pairs: list[tuple[str, str]] = []
    files: list[SentFile] = []
    for segment, content in _segments(body, options["boundary"]):
        if segment.filename is None and segment.name != "files":
            pairs.append((segment.name or "", _text(content)))
        elif content:  # a browser sends an empty part where no file was chosen
            if len(content) > MAX_FILE_BYTES:
                raise TooLarge(
                    f"a file may have {MAX_FILE_BYTES >> 20} MB: send a smaller picture or a part of it"
                )
            files.append(SentFile(content, (segment.content_type or "")[:128]))
    if len(files) > MAX_FILES:
        raise TooLarge(
            f"a report may hold {MAX_FILES} files: send the most important ones, and add others later"
        )
    return Sent(_fields(pairs), tuple(files))


def _segments(body: bytes, boundary: str) -> Iterator[tuple[MultipartSegment, bytes]]:
    segment: MultipartSegment | None = None
    content = bytearray()
    most = MAX_FIELDS + MAX_FILES
    try:
        with PushMultipartParser(boundary, max_segment_count=most) as parser:
            for part in (*parser.parse(body), *parser.parse(b"")):
                if isinstance(part, MultipartSegment):
                    segment, content = part, bytearray()
                elif part:
                    content += part
                elif segment is not None:
                    yield segment, bytes(content)
    except (MultipartError, ValueError) as error:
        raise BadInput("the form could not be read: use the one on the page before") from error


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    if len(body) > MAX_TEXT_BYTES:
        raise TooLarge("a report may hold 20,000 characters: send the beginning, and add the rest later")
    try:
        return parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise BadInput("the form could not be read: use the one on the page before") from None


def _fields(pairs: list[tuple[str, str]]) -> dict[str, str]:
    fields = dict(pairs)
    if len(fields) != len(pairs) or len(pairs) > MAX_FIELDS:
        raise BadInput("a field was sent twice: use the form on the page before")
    if sum(len(value) for value in fields.values()) > MAX_TEXT_BYTES:
        raise TooLarge("a report may hold 20,000 characters: send the beginning, and add the rest later")
    # NUL ends a string in PostgreSQL and nobody types it.
    return {name: value.replace("\x00", "").replace("\r\n", "\n") for name, value in fields.items()}


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BadInput("the form could not be read: use the one on the page before") from None
