"""Notes: the published one, what the first implementation refuses, one spelling and no other."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput
from tocsin.wire.tlog import Note, NoteSignature, note_bytes, parse_note, read_key

PUBLISHED = json.loads(
    (Path(__file__).parents[2] / "vectors" / "tlog" / "published.json").read_text("utf-8")
)["note"]
TEXT, LINE = PUBLISHED["text"], PUBLISHED["line"]
names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1).map(
    lambda name: name.replace("+", "-")[:200]
)


def test_the_published_note_is_read_and_written() -> None:
    data = f"{TEXT}\n{LINE}{PUBLISHED['other_line']}".encode()
    note = parse_note(data)
    assert note.text == TEXT
    assert [one.name for one in note.signatures] == ["PeterNeumann", "EnochRoot"]
    assert note_bytes(note) == data


def test_a_key_is_one_line_and_no_part_of_it() -> None:
    line = PUBLISHED["key"]
    assert str(read_key(line)) == line
    for start in range(len(line)):
        for end in range(start + 1, len(line) + 1):
            if end - start < len(line):
                with pytest.raises(BadInput):
                    read_key(line[start:end])
    for at, one in enumerate(line):
        with pytest.raises(BadInput):
            read_key(line[:at] + chr(ord(one) + 1) + line[at + 1 :])


@pytest.mark.parametrize("line", PUBLISHED["bad_keys"])
def test_a_key_of_another_kind_or_length_is_refused(line: str) -> None:
    with pytest.raises(BadInput):
        read_key(line)


@pytest.mark.parametrize(
    "data",
    [
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\n{LINE[:-1]}",
        f"\x01{TEXT}\n{LINE}",
        f"{TEXT}\n\u2014 Bad Name {LINE.split()[2]}\n",
        f"{TEXT}\n\u2014 Bad+Name {LINE.split()[2]}\n",
        f"{TEXT}\n\u2014 Bad\u2003Name {LINE.split()[2]}\n",
        f"{TEXT}\n{LINE}Unexpected line.\n",
        f"{TEXT}\n- PeterNeumann {LINE.split()[2]}\n",
        f"{TEXT}\n\u2014 PeterNeumann x08gow==\n",  # an id and nothing more
        f"{TEXT}\n\u2014 PeterNeumann x08go_ZJ\n",
        f"{TEXT}\n{LINE * 101}",
        f"{TEXT}\n{LINE.replace('=', '==')}",
    ],
)
def test_what_is_no_note_is_refused(data: str) -> None:
    with pytest.raises(BadInput):
        parse_note(data.encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        parse_note(b"\xff" + f"{TEXT}\n{LINE}".encode())
    with pytest.raises(BadInput, match="over"):
        parse_note(b"a" * (257 << 10))


def test_empty_lines_belong_to_the_text_up_to_the_last() -> None:
    note = parse_note(f"one\n\n\ntwo\n\n{LINE}".encode())
    assert note.text == "one\n\n\ntwo\n"


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")),
    st.lists(
        st.builds(NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1)),
        min_size=1,
        max_size=20,
    ),
)
def test_what_is_written_is_read_again(text: str, signatures: list[NoteSignature]) -> None:
    note = Note(f"{text}\n", tuple(signatures))
    assert parse_note(note_bytes(note)) == note


@pytest.mark.parametrize(
    "note",
    [
        Note("no end", (NoteSignature("a", b"1234", b"5"),)),
        Note("a\r\n", (NoteSignature("a", b"1234", b"5"),)),
        Note("text\n", ()),
        Note("text\n", (NoteSignature("a b", b"1234", b"5"),)),
        Note("text\n", (NoteSignature("a", b"123", b"5"),)),
        Note("text\n", (NoteSignature("a", b"1234", b""),)),
        Note("text\n", (NoteSignature("a", b"1234", b"5" * (300 << 10)),)),
    ],
)
def test_nothing_is_written_that_would_not_be_read(note: Note) -> None:
    with pytest.raises(BadInput):
        note_bytes(note)
