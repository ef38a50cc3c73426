"""What contents are like: near for a copy that was re-encoded or stripped, far for others."""

import itertools
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.label.media import ask, ffmpeg, paper, word
from tocsin.kernel import BadInput
from tocsin.label.carriers import carrier_of
from tocsin.label.codes import AT_MOST, Alike, apart_by, bits_of, code_of
from tocsin.label.formats import Format

SENTENCE = "A letter of number {0} promises a refund of {1} to whoever pays {2} first. "


def _code(file: Path, format_: Format, place: Path) -> Alike:
    work = place / f"work-{file.name}"
    work.mkdir()
    found = code_of(file, format_, work)
    assert found is not None
    assert len(found.bits) * 4 == bits_of(found.kind)
    return found


def _like(one: Alike, other: Alike) -> bool:
    return apart_by(one, other) <= AT_MOST[one.kind]


def test_a_picture_is_known_again_smaller_and_as_a_jpeg(tmp_path: Path) -> None:
    codes = []
    for seed in range(4):
        picture = Image.linear_gradient("L").resize((320, 240)).convert("RGB")
        draw = ImageDraw.Draw(picture)
        for step in range(12):
            at = (step * 61 * (seed + 2)) % 300
            draw.ellipse(
                (at, (step * 37 + seed * 50) % 220, at + 60, 230 + step), fill=(step * 20, at % 255, 90)
            )
        picture.save(tmp_path / f"{seed}.png")
        codes.append(_code(tmp_path / f"{seed}.png", Format.PNG, tmp_path))
        picture.resize((160, 120)).save(tmp_path / f"{seed}.jpg", quality=40)
        assert _like(codes[-1], _code(tmp_path / f"{seed}.jpg", Format.JPEG, tmp_path))
    assert not any(_like(one, other) for one, other in itertools.combinations(codes, 2))


def test_a_sound_is_known_again_as_an_mp3_without_its_label_and_rhythm(tmp_path: Path) -> None:
    files = []
    for number, tones in enumerate(((262, 330, 392), (220, 277, 415))):
        sound = "+".join(
            f"0.3*sin(2*PI*{tone}*t)*between(mod(t,{2.1 + place}),{place * 0.4},{1.1 + place * 0.3})"
            for place, tone in enumerate(tones)
        )
        files.append(tmp_path / f"{number}.wav")
        ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{sound}':s=16000:d=9", str(files[-1]))
    labelled, stripped = tmp_path / "labelled.wav", tmp_path / "stripped.mp3"
    carrier_of(Format.WAV).write(files[0], labelled, ask())
    ffmpeg("-ss", "3", "-i", str(labelled), "-map_metadata", "-1", "-b:a", "64k", str(stripped))
    kept = _code(labelled, Format.WAV, tmp_path)
    assert _like(kept, _code(stripped, Format.MP3, tmp_path))
    assert not any(_like(kept, _code(file, Format.WAV, tmp_path)) for file in files[1:])


def test_a_film_is_known_again_smaller_and_worse(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.mp4" for number in range(3)]
    for file, source in zip(files, ("testsrc", "testsrc2", "cellauto"), strict=True):
        ffmpeg("-f", "lavfi", "-i", f"{source}=s=160x120:r=10", "-t", "4", "-pix_fmt", "yuv420p", str(file))
    worse = tmp_path / "worse.mp4"
    ffmpeg("-i", str(files[0]), "-vf", "scale=112:-2", "-crf", "35", "-map_metadata", "-1", str(worse))
    kept = _code(files[0], Format.MP4, tmp_path)
    assert _like(kept, _code(worse, Format.MP4, tmp_path))
    assert not any(_like(kept, _code(file, Format.MP4, tmp_path)) for file in files[1:])


def test_a_text_is_known_again_in_another_format_and_another_is_not(tmp_path: Path) -> None:
    import docx

    ours = "".join(SENTENCE.format(n, n * 7, n * 3) for n in range(20))
    document = docx.Document()
    document.add_paragraph(ours)
    document.save(str(tmp_path / "a.docx"))
    (tmp_path / "a.md").write_text(f"---\nAIGC: stripped\n---\n{ours.replace('letter of number 4', 'note')}")
    (tmp_path / "b.txt").write_text(
        "The rain over the harbour went on until the boats came home at night. " * 9
    )
    kept = _code(tmp_path / "a.docx", Format.DOCX, tmp_path)
    assert _like(kept, _code(tmp_path / "a.md", Format.MARKDOWN, tmp_path))
    assert not _like(kept, _code(tmp_path / "b.txt", Format.TEXT, tmp_path))


def test_what_has_too_little_to_be_told_by_has_no_code(tmp_path: Path) -> None:
    Image.new("RGB", (50, 50), "red").save(tmp_path / "red.png")
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "5", str(tmp_path / "still.wav"))
    for file, format_ in (
        (tmp_path / "red.png", Format.PNG),
        (tmp_path / "still.wav", Format.WAV),
        (paper(tmp_path / "a.pdf"), Format.PDF),
        (word(tmp_path / "a.docx"), Format.DOCX),
    ):
        assert code_of(file, format_, tmp_path) is None


def test_kinds_are_not_compared_and_broken_files_have_no_code(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not compared"):
        apart_by(Alike("text", "00"), Alike("sound", "00"))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7" + bytes(30))
    for name, format_ in (("a.png", Format.PNG), ("a.pdf", Format.PDF)):
        with pytest.raises(BadInput, match="cannot be read"):
            code_of(tmp_path / name, format_, tmp_path)
