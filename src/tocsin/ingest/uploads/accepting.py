"""One file: bounded, recognised, written anew."""

import hashlib

from tocsin.ingest.uploads.kinds import MAX_FILE_BYTES, Kind, Upload, kind_of
from tocsin.kernel import BadInput, TooLarge

INSTEAD = "send a screenshot (PNG, JPEG), a PDF, or the text itself"


def accept(content: bytes, declared: str = "") -> Upload:
    """What is kept of a file that somebody sent. `declared` is the media type that the sender named, if any.

    Raises BadInput for what is not taken or cannot be read, TooLarge over a bound; both say what to do.
    """
    if not content:
        raise BadInput(f"the file is empty: {INSTEAD}")
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge(f"the file is over {MAX_FILE_BYTES >> 20} MB: {INSTEAD} of the part that matters")
    kind = kind_of(content)
    if kind is None:
        raise BadInput(f"files of this kind are not taken: {INSTEAD}")
    media_type, kept, stripped = _written_anew(kind, content, declared)
    if len(kept) > MAX_FILE_BYTES:
        raise TooLarge(f"cleaned, the file is over {MAX_FILE_BYTES >> 20} MB: send a smaller picture of it")
    return Upload(media_type, kept, stripped, hashlib.sha256(content).hexdigest())


def _written_anew(kind: Kind, content: bytes, declared: str) -> tuple[str, bytes, tuple[str, ...]]:
    # Each reader is imported when the first file of its kind comes: most commands meet none.
    if kind is Kind.PDF:
        from tocsin.ingest.uploads.papers import paper

        return (kind.value, *paper(content))
    if kind is Kind.TEXT:
        from tocsin.ingest.uploads.texts import text

        return (kind.value, *text(content, declared))
    if kind is Kind.MAIL:
        from tocsin.ingest.uploads.letters import letter

        return (kind.value, *letter(content))
    from tocsin.ingest.uploads.pictures import picture

    return picture(kind, content)
