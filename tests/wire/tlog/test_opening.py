"""What a proof shows of its entry: the commitment or what was committed to, and nothing that is neither."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput
from tocsin.wire.tlog.opening import Opening, extra_of, kept_opening, read_extra

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.binary(min_size=32, max_size=32), texts)
def test_an_opening_is_read_as_it_was_written(salt: bytes, statement: str) -> None:
    opening = Opening(salt, statement.encode())
    assert read_extra(extra_of(opening)) == opening
    assert kept_opening(opening.to_bytes()) == opening
    assert read_extra(extra_of(opening.entry)) == opening.entry


def test_the_entry_as_the_page_words_it() -> None:
    opening = Opening(bytes(range(32)), b'{"act":"share.publish"}')
    words = b"tocsin log entry 1\n" + bytes(range(32)) + b'{"act":"share.publish"}'
    assert opening.entry == hashlib.sha256(words).digest()


@pytest.mark.parametrize(
    "extra",
    [
        b"",
        b"[]",
        b"{}",
        b'{"entry":1}',
        b'{"entry":"00"}',
        b'{"entry":"' + b"0" * 64 + b'","entry":"' + b"0" * 64 + b'"}',
        b'{"salt":"' + b"0" * 64 + b'"}',
        b'{"salt":"' + b"Z" * 64 + b'","statement":""}',
        b'{"salt":"' + b"0" * 64 + b'","statement":"","more":""}',
        b"\xff",
    ],
)
def test_what_is_neither_is_refused(extra: bytes) -> None:
    with pytest.raises(BadInput):
        read_extra(extra)
