"""WAV, MP3 and MP4: what is written is read by programs that are not ours, and the sound and pictures are kept."""

import subprocess
import wave
from pathlib import Path

import msgspec
import mutagen
import pytest

from tests.label.media import (
    EVERY,
    LABEL,
    ask,
    each_told_by_exiftool,
    ffmpeg,
    film,
    needs,
    sound,
    told_by_exiftool,
)
from tocsin.kernel import BadInput, Conflict, TooLarge, Unavailable
from tocsin.kernel.labels import ContentLabel, Scheme
from tocsin.label import ffmpeg as program
from tocsin.label.carriers import carrier_of
from tocsin.label.carrying import Carrier, Field
from tocsin.label.formats import Format
from tocsin.label.tags import MAX_FILE_BYTES
from tocsin.wire import aigc

MADE = {Format.WAV: sound, Format.MP3: sound, Format.MP4: film}
FIELD = aigc.written(aigc.Aigc(LABEL))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[Format, Path]:
    folder = tmp_path_factory.mktemp("plain")
    return {format_: make(folder / f"a.{format_}") for format_, make in MADE.items()}


def test_the_field_is_read_back_by_exiftool_and_by_us(plain: dict[Format, Path], tmp_path: Path) -> None:
    outs = {carrier_of(format_): tmp_path / f"out.{format_}" for format_ in MADE}
    for (carrier, out), format_ in zip(outs.items(), MADE, strict=True):
        carrier.write(plain[format_], out, ask(carrier.schemes))
        fields = [one for one in carrier.read(out).fields if one.scheme is Scheme.GB45438]
        assert [one.text for one in fields] == [FIELD]
        assert carrier.read(out).notice is None
    for told in each_told_by_exiftool(list(outs.values())):
        values = [value for name, value in told.items() if "AIGC" in f"{name}{value}"]
        assert len(values) == 1, told["SourceFile"]
        assert FIELD in values[0]


def test_mutagen_reads_the_frame_of_an_mp3_and_its_xmp(plain: dict[Format, Path], tmp_path: Path) -> None:
    out = tmp_path / "out.mp3"
    carrier_of(Format.MP3).write(plain[Format.MP3], out, ask(EVERY, explicit=False))
    tags = mutagen.File(out).tags
    assert tags["TXXX:AIGC"].text == [FIELD]
    assert any(b"trainedAlgorithmicMedia" in frame.data for frame in tags.getall("PRIV"))
    assert told_by_exiftool(out)["XMP-iptcExt:DigitalSourceType"].endswith("trainedAlgorithmicMedia")


def test_a_field_that_mutagen_wrote_into_a_wav_is_read(plain: dict[Format, Path], tmp_path: Path) -> None:
    from mutagen.id3 import TXXX
    from mutagen.wave import WAVE

    file = tmp_path / "wild.wav"
    file.write_bytes(plain[Format.WAV].read_bytes())
    wild = WAVE(file)
    wild.add_tags()
    wild.tags.add(TXXX(encoding=3, desc="AIGC", text=FIELD))
    wild.save()
    assert [one.text for one in carrier_of(Format.WAV).read(file).fields] == [FIELD]


def test_the_samples_of_a_wav_come_unchanged_behind_the_rhythm(
    plain: dict[Format, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.wav"
    carrier_of(Format.WAV).write(plain[Format.WAV], out, ask())
    before, after = _samples(plain[Format.WAV]), _samples(out)
    assert after.endswith(before)
    rhythm = after[: -len(before)]
    unit = 2 * int(16_000 * 0.15)
    loud = [max(rhythm[at + 200 : at + unit - 200]) > 0 for at in range(0, 14 * unit, unit)]
    assert "".join("#" if one else "." for one in loud) == "#.###...#.#..."


def test_a_name_with_quotes_is_a_name(plain: dict[Format, Path], tmp_path: Path) -> None:
    folder = tmp_path / "it's, a: [name]"
    folder.mkdir()
    for format_ in MADE:
        source, out = folder / f"a b;.{format_}", folder / f"-out.{format_}"
        source.write_bytes(plain[format_].read_bytes())
        carrier_of(format_).write(source, out, ask())
        assert carrier_of(format_).read(out).fields


def test_frames_of_an_mp3_come_unchanged_behind_the_rhythm(plain: dict[Format, Path], tmp_path: Path) -> None:
    bare, out = tmp_path / "bare.mp3", tmp_path / "out.mp3"
    ffmpeg("-i", str(plain[Format.MP3]), "-c", "copy", "-id3v2_version", "0", "-write_xing", "0", str(bare))
    carrier_of(Format.MP3).write(plain[Format.MP3], out, ask())
    assert bare.read_bytes() in out.read_bytes()


def test_a_film_has_its_notice_for_two_seconds_and_not_after(
    plain: dict[Format, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    carrier_of(Format.MP4).write(plain[Format.MP4], out, ask())
    for second, shown in ((0.1, True), (2.1, True), (4.0, False)):
        distance = _likeness(plain[Format.MP4], out, second)
        assert (distance > 10) is shown, (second, distance)


@pytest.mark.parametrize("format_", [Format.WAV, Format.MP4])
def test_without_a_notice_nothing_is_encoded_anew(
    format_: Format, plain: dict[Format, Path], tmp_path: Path
) -> None:
    out = tmp_path / f"out.{format_}"
    carrier_of(format_).write(plain[format_], out, ask(explicit=False))
    assert _streams(out) == _streams(plain[format_])


def test_the_comment_of_a_wav_is_kept(plain: dict[Format, Path], tmp_path: Path) -> None:
    named, once, twice = tmp_path / "n.wav", tmp_path / "o.wav", tmp_path / "t.wav"
    ffmpeg("-i", str(plain[Format.WAV]), "-c", "copy", "-metadata", "comment=Take three", str(named))
    carrier_of(Format.WAV).write(named, once, ask(explicit=False))
    carrier_of(Format.WAV).write(once, twice, ask(explicit=False))
    assert told_by_exiftool(twice)["RIFF:Comment"].split() == ["Take", "three", f"AIGC={FIELD}"]


@pytest.mark.parametrize("format_", MADE)
def test_another_producers_field_stays_and_we_are_who_passed_it_on(
    format_: Format, plain: dict[Format, Path], tmp_path: Path
) -> None:
    theirs, ours, passed = (tmp_path / f"{name}.{format_}" for name in ("theirs", "ours", "passed"))
    carrier = carrier_of(format_)
    carrier.write(plain[format_], theirs, ask(explicit=False))
    other = msgspec.structs.replace(ask(explicit=False), label=ContentLabel("another", "2"))
    with pytest.raises(Conflict, match="another producer"):
        carrier.write(theirs, ours, other)
    label = ContentLabel("another", "2", propagator="another", propagation_id="p-9")
    carrier.write(theirs, passed, msgspec.structs.replace(other, label=label))
    read = aigc.read(carrier.read(passed).fields[0].text).label
    assert (read.producer, read.propagator) == (LABEL.producer, "another")


@pytest.mark.parametrize("format_", MADE)
@pytest.mark.parametrize("work", ["cut", "zeros", "other"])
def test_a_damaged_file_is_refused_and_never_a_crash(
    format_: Format, work: str, plain: dict[Format, Path], tmp_path: Path
) -> None:
    content = plain[format_].read_bytes()
    file = tmp_path / f"bad.{format_}"
    file.write_bytes(
        {"cut": content[:40], "zeros": content[:12] + bytes(5000), "other": b"lottery refund"}[work]
    )
    carrier = carrier_of(format_)
    with pytest.raises(BadInput):
        carrier.write(file, tmp_path / f"out.{format_}", ask())
    assert _fields(carrier, file) == ()


def test_a_film_beyond_the_bound_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "long.mp4"
    with file.open("wb") as out:
        out.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(TooLarge, match="8 GiB"):
        carrier_of(Format.MP4).read(file)


def test_a_sparse_film_of_4_gb_is_refused_soon(plain: dict[Format, Path], tmp_path: Path) -> None:
    file = tmp_path / "sparse.mp4"
    with file.open("wb") as out:
        out.write(plain[Format.MP4].read_bytes()[:28])
        out.truncate(4 << 30)
    carrier = carrier_of(Format.MP4)
    with pytest.raises(BadInput):
        carrier.write(file, tmp_path / "out.mp4", ask(explicit=False))
    assert _fields(carrier, file) == ()


def test_a_second_file_behind_a_wav_is_told(plain: dict[Format, Path], tmp_path: Path) -> None:
    file = tmp_path / "two.wav"
    file.write_bytes(plain[Format.WAV].read_bytes() + b"PK\x03\x04 and more")
    assert carrier_of(Format.WAV).read(file).notes == ("trailing-bytes",)


def test_a_playlist_in_the_clothes_of_a_film_opens_nothing(tmp_path: Path) -> None:
    needs("ffmpeg", "ffmpeg")
    file, secret = tmp_path / "list.mp4", sound(tmp_path / "secret.wav")
    file.write_text(f"ffconcat version 1.0\nfile {secret.name}\n")
    with pytest.raises(BadInput):
        carrier_of(Format.MP4).write(file, tmp_path / "out.mp4", ask(explicit=False))


def test_without_the_program_one_is_told_what_to_install(
    plain: dict[Format, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(program.PLACE, str(tmp_path / "ffmpeg"))
    with pytest.raises(Unavailable, match="install ffmpeg"):
        carrier_of(Format.WAV).write(plain[Format.WAV], tmp_path / "out.wav", ask())
    assert carrier_of(Format.WAV).read(plain[Format.WAV]).fields == ()


def _fields(carrier: Carrier, file: Path) -> tuple[Field, ...]:
    """None where it says that it cannot be read."""
    try:
        return carrier.read(file).fields
    except BadInput:
        return ()


def _samples(file: Path) -> bytes:
    with wave.open(str(file)) as opened:
        return bytes(opened.readframes(opened.getnframes()))


def _streams(file: Path) -> str:
    done = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-i", str(file), "-map", "0", "-c", "copy", "-f", "streamhash", "-"],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _likeness(one: Path, other: Path, second: float) -> float:
    """Mean difference of the upper left corner of the picture at a second."""
    corners = [
        subprocess.run(
            ["ffmpeg", "-loglevel", "error", "-ss", str(second), "-i", str(file), "-frames:v", "1",
             "-vf", "crop=80:16:0:4,format=gray", "-f", "rawvideo", "-"],
            check=True,
            capture_output=True,
        ).stdout
        for file in (one, other)
    ]  # fmt: skip
    return float(sum(abs(a - b) for a, b in zip(*corners, strict=True)) / len(corners[0]))
