"""What strangers send: kept clean or refused; what was kept is read again, of its kind, with nothing left to strip.

Pillow's decoders are C and are not instrumented: the seeds lead into them.
"""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.ingest.uploads", "pypdf"]):
    import pypdf  # the room imports its readers when the first file of a kind comes

    from tocsin.ingest.uploads import MAX_FILE_BYTES, accept
    from tocsin.ingest.uploads import letters as _letters
    from tocsin.ingest.uploads import papers as _papers
    from tocsin.ingest.uploads import pictures as _pictures
    from tocsin.ingest.uploads import texts as _texts
    from tocsin.kernel import BadInput

READERS = (pypdf, _letters, _papers, _pictures, _texts)


def one(data: bytes) -> None:
    """As a sender who names no type does."""
    try:
        kept = accept(data)
    except BadInput:
        return
    assert 0 < len(kept.content) <= MAX_FILE_BYTES
    again = accept(kept.content)
    assert again.media_type == kept.media_type
    assert again.stripped == ()


if __name__ == "__main__":
    fuzz(one)
