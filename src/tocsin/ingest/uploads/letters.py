"""E-mail as a file (.eml, RFC 5322): what the sender wrote, without what names the person it was sent to.

Kept are the headers that speak of who sent it (KEPT), the texts, and attachments that are files of the kinds taken
here, each written anew. Left out are the recipient's address, the way through their servers, and other attachments.
"""

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from tocsin.ingest.uploads.kinds import Kind, kind_of
from tocsin.ingest.uploads.texts import MAX_TEXT_BYTES, text
from tocsin.kernel import BadInput, TooLarge

KEPT = ("From", "Sender", "Reply-To", "Subject", "Date", "Message-ID")
"""Of the one who sent it. Received, Return-Path and the rest name the recipient's address as often as not."""

_OF_FORM = frozenset(
    {"mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-language"}
)
"""What every letter has, and says nothing of anybody (RFC 2045)."""

MAX_PARTS = 40
"""Of one letter, whatever is inside what."""

MAX_HEADER_CHARS = 998
"""One header, as a line may be long (RFC 5322, section 2.1.1)."""

_CANNOT = "this e-mail cannot be read: send a screenshot of it, or its text"


def letter(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The letter written anew, and what was left out. Raises BadInput, TooLarge."""
    try:
        return _written_anew(BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(content))
    except BadInput:
        raise
    except Exception as error:  # the parser of headers raises of every kind; all mean the same
        raise BadInput(_CANNOT) from error


def _written_anew(came: EmailMessage) -> tuple[bytes, tuple[str, ...]]:
    others = {name.lower() for name in came} - {name.lower() for name in KEPT} - _OF_FORM
    stripped = {"mail-headers"} if others else set()
    made = EmailMessage(policy.SMTP.clone(utf8=True, cte_type="8bit"))
    for name in KEPT:
        value = " ".join(str(came.get(name, "")).split())[:MAX_HEADER_CHARS]
        if value:
            made[name] = value
    if not made["From"] or not (made["Subject"] or made["Date"]):
        raise BadInput("this e-mail does not say who sent it: send a screenshot of it, or its text")
    texts: list[str] = []
    attached: list[tuple[str, bytes]] = []
    for part in _parts(came):
        _take(part, texts, attached, stripped)
    if not texts and not attached:
        raise BadInput("this e-mail has neither text nor a file that is taken: send a screenshot of it")
    made.set_content("\n\n".join(texts))
    for number, (media_type, kept) in enumerate(attached, 1):
        main, _, sub = media_type.partition("/")
        made.add_attachment(kept, maintype=main, subtype=sub, filename=f"{number}.{sub}")
    if attached:
        made.set_boundary("tocsin-part")  # the same for the same letter, not drawn
    written = _with_free_boundary(made, attached).as_bytes()
    return written, tuple(sorted(stripped))


def _with_free_boundary(made: EmailMessage, attached: list[tuple[str, bytes]]) -> EmailMessage:
    """A boundary that stands nowhere in the texts (RFC 2046, section 5.1.1); attachments are base64: no hyphens."""
    if not attached:
        return made
    body = made.as_bytes()
    number = 0
    while re.search(rb"^--tocsin-part-%d" % number, body, re.MULTILINE):
        number += 1
    made.set_boundary(f"tocsin-part-{number}")
    return made


def _parts(came: EmailMessage) -> Iterator[EmailMessage]:
    for number, part in enumerate(came.walk()):
        if number >= MAX_PARTS:
            raise TooLarge(f"this e-mail has over {MAX_PARTS} parts: send a screenshot of what matters")
        if not part.is_multipart():
            assert isinstance(part, EmailMessage)
            yield part


def _take(
    part: EmailMessage, texts: list[str], attached: list[tuple[str, bytes]], stripped: set[str]
) -> None:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload.strip():
        return
    if part.get_content_maintype() == "text" and not part.get_filename():
        charset = part.get_content_charset("utf-8")
        words, left_out = text(payload, f"text/plain; charset={charset}")
        texts.append(words.decode())
        stripped.update(left_out)
        if sum(map(len, texts)) > MAX_TEXT_BYTES:
            raise TooLarge("the text of this e-mail is too long: send the part that matters")
        return
    if kind_of(payload) in {None, Kind.MAIL, Kind.TEXT}:
        stripped.add("attachments")
        return
    from tocsin.ingest.uploads.accepting import accept  # which calls this room for letters

    kept = accept(payload)
    attached.append((kept.media_type, kept.content))
    stripped.update(kept.stripped)
