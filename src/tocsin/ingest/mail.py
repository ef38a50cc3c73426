"""A report that came by e-mail: its words, who sent it, and what was attached.

Enters: one message as a mail server keeps it (RFC 5322, MIME). Leaves: a `Mail`. Refuses: what is larger or deeper than
the bounds, and what has no words. Nothing is fetched, no link followed, no HTML kept: of a page only its text is read.
Python's own `email` package reads it.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser

import msgspec

from tocsin.kernel import BadInput, TooLarge

MAX_MAIL_BYTES = 40 << 20
"""What common servers take, and a third more for base64."""

MAX_PARTS = 100
MAX_DEPTH = 10
MAX_HEADERS = 500
MAX_TEXT_CHARS = 20_000
MAX_SUBJECT_CHARS = 300
MAX_ADDRESS_CHARS = 320
"""64 for the mailbox, 255 for its domain, and the sign between (RFC 5321, 4.5.3.1)."""

_ID = re.compile(r"<([^<>\s]{1,250})>")
_BLANK = re.compile(r"\n{3,}")


class Attached(msgspec.Struct, frozen=True):
    """A part that is no words of the mail. `declared` is what the sender says it is."""

    declared: str
    content: bytes


class Mail(msgspec.Struct, frozen=True):
    """`message_id` without its brackets, "" where there is none; `sender` is an address alone, and anybody's claim."""

    message_id: str
    sender: str
    subject: str
    text: str
    attached: tuple[Attached, ...]
    cut: bool = False
    """Whether words beyond MAX_TEXT_CHARS were left out; the message itself is kept as evidence."""


def read_mail(content: bytes) -> Mail:
    """The report in a message. Raises BadInput, TooLarge, each saying what to do next."""
    if len(content) > MAX_MAIL_BYTES:
        raise TooLarge(f"a message may have {MAX_MAIL_BYTES >> 20} MiB: take the largest attachments out")
    try:
        message, words, attached = _taken_apart(content)
        subject, sender = _header(message, "subject"), parseaddr(_header(message, "from"))[1]
        found = _ID.search(_header(message, "message-id"))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        # the package raises whatever a broken header runs into
        raise BadInput(
            "this message cannot be read: open it in a mail program and export it again"
        ) from error
    plain = [text for kind, text in words if kind == "text/plain"] or [text for _, text in words]
    text = _BLANK.sub("\n\n", "\n\n".join(plain)).replace("\x00", "").strip()
    if not text and not subject.strip():
        raise BadInput("this message says nothing: ask its sender to write what happened")
    return Mail(
        message_id=found.group(1) if found else "",
        sender=sender[:MAX_ADDRESS_CHARS],
        subject=subject[:MAX_SUBJECT_CHARS],
        text=text[:MAX_TEXT_CHARS],
        attached=attached,
        cut=len(text) > MAX_TEXT_CHARS,
    )


def _taken_apart(content: bytes) -> tuple[EmailMessage, list[tuple[str, str]], tuple[Attached, ...]]:
    """The message, its words by kind, and what is attached."""
    message = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
    if not 0 < len(message.keys()) <= MAX_HEADERS:
        raise BadInput("this is no e-mail message: export it as .eml, with its headers")
    parts = list(_leaves(message))
    words = [_words(part) for part in parts if _is_words(part)]
    attached = tuple(Attached(part.get_content_type(), _bytes(part)) for part in parts if not _is_words(part))
    return message, words, attached


def _leaves(message: EmailMessage, depth: int = 0, count: list[int] | None = None) -> Iterator[EmailMessage]:
    """Parts that have no parts, in their order; a message inside is a part like any other."""
    count = [0] if count is None else count
    count[0] += 1
    if depth > MAX_DEPTH or count[0] > MAX_PARTS:
        raise BadInput(f"more than {MAX_PARTS} parts, or deeper than {MAX_DEPTH}: send the parts that matter")
    inner = message.get_payload() if message.is_multipart() else None
    if not isinstance(inner, list):
        yield message
        return
    for part in inner:
        if isinstance(part, EmailMessage):
            yield from _leaves(part, depth + 1, count)


def _is_words(part: EmailMessage) -> bool:
    return (
        part.get_content_type() in ("text/plain", "text/html")
        and part.get_content_disposition() != "attachment"
    )


def _words(part: EmailMessage) -> tuple[str, str]:
    kind = part.get_content_type()
    charset = part.get_content_charset() or "utf-8"
    try:
        text = _bytes(part).decode(charset, "replace")
    except LookupError:  # a charset that nobody knows
        text = _bytes(part).decode("utf-8", "replace")
    return kind, _Text.of(text) if kind == "text/html" else text


def _bytes(part: EmailMessage) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


class _Text(HTMLParser):
    """The words of a page, with breaks where blocks end."""

    _BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "blockquote"})
    _UNREAD = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._said: list[str] = []
        self._unread = 0

    @classmethod
    def of(cls, page: str) -> str:
        """The text of a page."""
        reader = cls()
        reader.feed(page)
        reader.close()
        lines = "".join(reader._said).split("\n")
        return "\n".join(" ".join(line.split()) for line in lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in self._UNREAD
        if tag in self._BLOCKS:
            self._said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in self._UNREAD and self._unread > 0

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._said.append(data)
