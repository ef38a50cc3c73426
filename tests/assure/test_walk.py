"""One look at a folder, a file or a stream: what is clean, what is not known, and what is never followed."""

import hashlib
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from blake3 import blake3

from tests.assure.looks import clock, formats, look, told
from tocsin.assure import Bounds, Broken, Held, Nested, Packed, Piece, Progress, Told, inspect, opened_again
from tocsin.assure import bounds as bound
from tocsin.assure.pieces import Window
from tocsin.kernel.artefacts import ArtefactVerdict, Fact
from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.taxonomy.artefact_rules import ArtefactRule, artefact_rules

CLEAN, FOUND = ArtefactVerdict.CLEAN, ArtefactVerdict.FOUND
UNKNOWN, DOUBT = ArtefactVerdict.NOT_EXAMINED, ArtefactVerdict.INCONCLUSIVE


class Boxes:
    """A container for tests: "BOX" and a letter that says what its examiner does."""

    name = "box"
    version = 1

    def recognises(self, piece: Piece) -> str:
        return "box" if piece.read(0, 3) == b"BOX" else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        match piece.read(3, 1):
            case b"n":
                yield Nested(Held(f"{piece.path}!/in", piece.read(4, piece.size)))
            case b"t":
                yield Nested(Held(f"{piece.path}!/raw", piece.read(4, piece.size)), format="tensor-data")
            case b"f":
                yield Nested(Held(f"{piece.path}!/forced", b"anything"), format="box")
            case b"p":
                yield Packed(f"{piece.path}!/out", 10, lambda: iter([b"BOX", b"."] * 3))
            case b"b":
                yield Packed(f"{piece.path}!/out", 10, self._breaks)
            case b"z":
                yield Packed(f"{piece.path}!/out", 10, lambda: (bytes(1 << 20) for _ in range(1 << 20)))
            case b"e":
                raise ZeroDivisionError("a payload stands here")
            case b"r" | b"m":
                while True:
                    if piece.read(3, 1) == b"m":
                        yield Nested(Held(f"{piece.path}!/again", b"BOX."))
            case b"a":
                yield Fact("metadata", piece.path, {"a": 1})

    def _breaks(self) -> Iterator[bytes]:
        yield b"BOX."
        raise Broken("it ends early")


BOX = (Boxes(),)


def test_what_nobody_knows_is_not_clean_and_what_is_empty_is() -> None:
    assert look(b"\x01\x02", examiners=BOX).verdict is UNKNOWN
    assert look(b"", examiners=BOX).verdict is CLEAN
    assert look(b"BOX.", examiners=BOX).verdict is CLEAN
    assert look(b"BOX.", examiners=()).verdict is UNKNOWN


def test_what_is_inside_is_looked_at_in_its_turn() -> None:
    inside = look(b"BOXnBOXn??", examiners=BOX)
    assert formats(inside) == {"file": "box", "file!/in": "box", "file!/in!/in": ""}
    assert inside.verdict is UNKNOWN
    assert look(b"BOXnBOX.", examiners=BOX).verdict is CLEAN
    raw = look(b"BOXtBOXe", examiners=BOX)
    assert (raw.verdict, formats(raw)["file!/raw"]) == (CLEAN, "tensor-data")
    assert formats(look(b"BOXf", examiners=BOX))["file!/forced"] == "box"
    assert look(b"BOXp", examiners=BOX).verdict is CLEAN


def test_an_examiner_that_raises_or_reads_for_ever_passes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = look(b"BOXe", examiners=BOX)
    assert (failed.verdict, told(failed)) == (DOUBT, {"examiner-failed"})
    assert "payload" not in repr(failed)
    monkeypatch.setattr("tocsin.assure.pieces.MAX_READS_A_PIECE", 1000)
    assert told(look(b"BOXr", examiners=BOX)) == {"too-much-work"}
    assert look(b"BOXr", examiners=BOX).verdict is DOUBT
    monkeypatch.setattr(bound, "MAX_TOLD_A_PIECE", 100)
    assert told(look(b"BOXm", examiners=BOX)) == {"too-much-work"}


def test_a_recogniser_that_raises_is_told_of() -> None:
    class Raises(Boxes):
        name = "raises"

        def recognises(self, piece: Piece) -> str:
            raise RecursionError

    assert look(b"BOX.", examiners=(*BOX, Raises())).verdict is DOUBT


def test_every_bound_makes_it_inconclusive() -> None:
    deep = look(b"BOXn" * 6, examiners=BOX, bounds=Bounds(depth=3))
    assert (deep.verdict, told(deep)) == (DOUBT, {"too-deep"})
    many = look(b"BOXm", examiners=BOX, bounds=Bounds(members=5))
    assert (many.verdict, told(many)) == (DOUBT, {"too-many-members", "stopped"})
    bomb = look(b"BOXz", examiners=BOX)
    assert "ratio" in told(bomb)
    assert bomb.verdict is DOUBT
    large = look(b"BOXz", examiners=BOX, bounds=Bounds(unpacked_bytes=3 << 20))
    assert "too-large" in told(large)
    disk = look(b"BOXz", examiners=BOX, bounds=Bounds(spooled_bytes=5 << 20))
    assert "too-large" in told(disk)
    broken = look(b"BOXb", examiners=BOX)
    assert (broken.verdict, formats(broken)["file!/out"]) == (DOUBT, "box")
    few = look(b"BOXn\x01", examiners=BOX, bounds=Bounds(findings=0))
    assert told(few) == {"too-many-findings"}


def test_members_that_share_their_bytes_pass_no_bound_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bound, "WHOLE_FREE_BYTES", 5 << 20)
    monkeypatch.setattr(bound, "WORK_FREE_BYTES", 1 << 10)

    class Shares(Boxes):
        def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
            for _ in range(1_000):
                if piece.read(3, 1) == b"p":
                    yield Packed(f"{piece.path}!/out", 1 << 30, lambda: iter([bytes(1 << 20)]))
                elif piece.read(3, 1) == b"n":
                    yield Nested(Held(f"{piece.path}!/in", b"\0" + piece.read(0, piece.size)))

    seen = look(b"BOXp", examiners=(Shares(),))
    assert {"ratio", "stopped"} <= told(seen)
    assert len(seen.parts) < 10
    again = look(b"BOXn", examiners=(Shares(),))
    assert {"too-much-work", "stopped"} <= told(again)
    assert len(again.parts) < 400


def test_a_stream_beyond_the_bound_is_refused() -> None:
    with pytest.raises(TooLarge):
        look(bytes(100), bounds=Bounds(spooled_bytes=99))


def test_a_folder_has_the_digest_that_sha256sum_gives(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "large.txt").write_bytes(b"soup\n" * 900_000)
    (tmp_path / "a.txt").write_bytes(b"bread")
    heard: list[Progress] = []
    seen = inspect(tmp_path, clock=clock, progress=heard.append)
    lines = "".join(
        f"{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("a.txt", "b/large.txt")
    )
    assert seen.artefact == hashlib.sha256(lines.encode()).hexdigest()
    assert (seen.verdict, seen.size, seen.name) == (CLEAN, 4_500_005, tmp_path.name)
    large = next(part for part in seen.parts if part.path == "b/large.txt")
    assert large.blake3 == blake3((tmp_path / "b" / "large.txt").read_bytes()).hexdigest()
    assert (heard[-1].done, heard[-1].files) == (seen.size, 2)
    alone = inspect(tmp_path / "a.txt", clock=clock)
    assert (alone.artefact, alone.verdict) == (hashlib.sha256(b"bread").hexdigest(), CLEAN)
    streamed = inspect(BytesIO(b"soup\n" * 900_000), clock=clock, name="large.txt")
    assert (streamed.artefact, streamed.parts[0].blake3) == (large.sha256, large.blake3)


def test_nothing_is_followed_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("secret soup")
    folder = tmp_path / "model"
    (folder / "blobs").mkdir(parents=True)
    (folder / "blobs" / "0a").write_text("bread")
    (folder / "README.md").symlink_to("blobs/0a")  # as model caches lay them
    assert formats(inspect(folder, clock=clock))["README.md"] == "text"
    for name, target in (("up", "../outside.txt"), ("gone", "nothing"), ("round", "round"), ("dir", "blobs")):
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe")
    seen = inspect(folder, clock=clock)
    assert {found.place.path for found in seen.findings if found.rule == "walker.link"} == {
        *("up", "gone", "round", "dir")
    }
    assert "special-file" in told(seen)
    assert hashlib.sha256(b"secret soup").hexdigest() not in repr(seen)


def test_names_that_trick_are_told(tmp_path: Path) -> None:
    for name in ("a.txt", "A.txt", "b\x1b[2J.txt", "c\udcff.txt", "d\\e.txt"):
        Path(os.fsdecode(os.fsencode(str(tmp_path))), name).write_text("soup")
    seen = inspect(tmp_path, clock=clock)
    assert told(seen) == {"case-clash", "strange-name"}
    assert seen.verdict is DOUBT
    assert all(part.path.isprintable() for part in seen.parts)


def test_a_file_that_changes_meanwhile_is_inconclusive(tmp_path: Path) -> None:
    file = tmp_path / "a.box"
    file.write_bytes(b"BOX.")

    class Writes(Boxes):
        def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
            file.write_bytes(b"BOXe, and more")
            yield from ()

    seen = inspect(file, clock=clock, examiners=(Writes(),))
    assert (seen.verdict, told(seen)) == (DOUBT, {"changed"})


def test_too_many_files_or_no_file(tmp_path: Path) -> None:
    assert inspect(tmp_path, clock=clock).verdict is UNKNOWN
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text("soup")
    assert "too-many-files" in told(inspect(tmp_path, clock=clock, bounds=Bounds(files=3)))
    link = tmp_path.parent / f"{tmp_path.name}-link.md"
    link.symlink_to(
        tmp_path / "0.txt"
    )  # whoever asks for a link means what it leads to, under the name they gave
    assert (inspect(link, clock=clock).name, inspect(link, clock=clock).verdict) == (link.name, CLEAN)
    with pytest.raises(BadInput, match="name a file"):
        inspect(tmp_path / "nothing", clock=clock)


def test_a_rule_or_an_examiner_that_changes_opens_the_verdicts_it_concerns() -> None:
    seen = look(b"plain soup", "README.md")
    assert opened_again(seen) == ()
    added = ArtefactRule("x.y", 1, ("text",), FOUND, artefact_rules()["walker.polyglot"].severity, *"abcd")
    other = ArtefactRule("x.z", 1, ("gguf",), FOUND, added.severity, *"abcd")
    assert opened_again(seen, {**artefact_rules(), "x.y": added}) == ("text",)
    assert opened_again(seen, {**artefact_rules(), "x.z": other}) == ()
    assert opened_again(look(b"BOX.", examiners=BOX)) == ("box",)  # its examiner is not there any more
    unknown = look(b"\x01", "what")
    assert opened_again(unknown) == ()
    assert opened_again(look(b"\x01", "what", examiners=BOX)) == ("",)


def test_a_small_member_is_not_read_again_for_each_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    read = Window.read

    def counted(window: Window, offset: int, length: int) -> bytes:
        asked.append(window.path)
        return read(window, offset, length)

    monkeypatch.setattr(Window, "read", counted)
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "soup")
    assert look(packed.getvalue(), "m.zip").verdict is ArtefactVerdict.CLEAN
    assert asked.count("m.zip!/a.txt") == 2  # its checksum; then whoever asks
