"""Pictures labelled by all three schemes at once, and what strangers' pictures carry."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.label.making import LABEL, NOW, ask, encoded, frames, gradient, looked, pictures, signer, standings
from tests.label.media import needs
from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.labels import ContentLabel, Scheme, Standing
from tocsin.label import pictures as room
from tocsin.label.formats import Format, suffixes
from tocsin.label.verifying import Anchors
from tocsin.label.writing import write

CASES = pictures()
VALID = (Standing.VALID,) * 3
SAID = '{"Label":"1","ContentProducer":"001191110000MA0123456X00001","ProduceID":"n1"}'


def placed(folder: Path, name: str, content: bytes | None = None) -> Path:
    format_, made = CASES[name]
    path = folder / f"{name}{suffixes(format_)[0]}"
    path.write_bytes(made if content is None else content)
    return path


@pytest.mark.parametrize("name", sorted(set(CASES) - {"tiff-pages"}))
def test_labelled_in_one_pass_and_valid_by_all_schemes(name: str, tmp_path: Path) -> None:
    path = placed(tmp_path, name)
    before = frames(path.read_bytes())
    written = write(path, path, ask(explicit=False), signer().key, NOW)
    assert written.left_out == ()
    report = looked(path)
    assert standings(report) == VALID
    assert report.of(Scheme.GB45438).said == LABEL
    assert report.of(Scheme.C2PA).said == LABEL
    assert all((one == other).all() for one, other in zip(before, frames(path.read_bytes()), strict=True))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["png", "jpeg", "gif-moving"])
def test_with_a_notice_and_labelled_twice(name: str, tmp_path: Path) -> None:
    path = placed(tmp_path, name)
    write(path, path, ask(), signer().key, NOW)
    again = ContentLabel("example.org", "content-2")
    write(path, path, ask(again, explicit=False), signer().key, NOW)
    report = looked(path)
    assert standings(report) == VALID
    assert report.of(Scheme.GB45438).said == again
    assert "descends" in report.of(Scheme.C2PA).reasons


def test_pages_of_a_tiff_are_labelled_without_a_manifest(tmp_path: Path) -> None:
    """c2pa-rs 0.91 leaves pages behind the first that nobody can read."""
    path = placed(tmp_path, "tiff-pages")
    with pytest.raises(Conflict, match="several pages"):
        write(path, path, ask(), signer().key, NOW)
    write(path, path, ask(schemes=frozenset({Scheme.GB45438, Scheme.IPTC})), None, NOW)
    assert standings(looked(path)) == (
        Standing.VALID_UNTRUSTED,
        Standing.NONE_FOUND,
        Standing.VALID_UNTRUSTED,
    )
    assert len(frames(path.read_bytes())) == 3


def test_who_is_not_an_anchor_is_valid_and_not_trusted(tmp_path: Path) -> None:
    path = placed(tmp_path, "webp")
    write(path, path, ask(explicit=False), signer().key, NOW)
    for believed in (Anchors(), signer("Another").anchors):
        report = looked(path, believed)
        assert standings(report) == (Standing.VALID_UNTRUSTED,) * 3
        assert "certificate-untrusted" in report.of(Scheme.C2PA).reasons


def test_one_changed_pixel_breaks_the_manifest_and_what_it_covered(tmp_path: Path) -> None:
    path = placed(tmp_path, "tiff")
    write(path, path, ask(explicit=False), signer().key, NOW)
    content = bytearray(path.read_bytes())
    where = bytes(content).index(gradient().tobytes()[:48])
    content[where] ^= 1
    path.write_bytes(content)
    assert (frames(bytes(content))[0] != frames(CASES["tiff"][1])[0]).sum() == 1
    assert standings(looked(path)) == (Standing.BROKEN, Standing.BROKEN, Standing.VALID_UNTRUSTED)


def test_xmp_written_after_the_signature_breaks_it(tmp_path: Path) -> None:
    from tocsin.label.splicing import spliceable

    path = placed(tmp_path, "png")
    write(path, path, ask(explicit=False), signer().key, NOW)
    apart = spliceable(path.read_bytes(), Format.PNG)
    assert apart.packet is not None
    path.write_bytes(apart.put(apart.packet.replace(b"content-1", b"content-2")))
    assert standings(looked(path))[:2] == (Standing.BROKEN, Standing.BROKEN)


def test_a_jpeg_saved_again_has_nothing_and_a_png_has_its_field_and_no_manifest(tmp_path: Path) -> None:
    for name, form, expected in (
        ("jpeg", "JPEG", (Standing.NONE_FOUND,) * 3),
        ("webp", "WEBP", (Standing.NONE_FOUND,) * 3),
    ):
        path = placed(tmp_path, name)
        write(path, path, ask(explicit=False), signer().key, NOW)
        with Image.open(path) as opened:
            path.write_bytes(encoded(opened.convert("RGB"), form))
        assert standings(looked(path)) == expected


def test_a_manifest_that_was_cut_out_is_told_as_stripped(tmp_path: Path) -> None:
    path = placed(tmp_path, "jpeg")
    write(path, path, ask(explicit=False), signer().key, NOW)
    with Image.open(path) as opened:
        held = opened.info["xmp"]
        path.write_bytes(encoded(opened.copy(), "JPEG", xmp=held))
    report = looked(path)
    assert standings(report) == (Standing.VALID_UNTRUSTED, Standing.STRIPPED, Standing.VALID_UNTRUSTED)
    assert report.of(Scheme.GB45438).reasons == ("manifest-gone",)


def test_a_label_of_another_producer_is_kept_and_passed_on(tmp_path: Path) -> None:
    path = placed(tmp_path, "jpeg")
    theirs = ContentLabel("001191110000MA0123456X00001", "theirs-1")
    write(path, path, ask(theirs, frozenset({Scheme.GB45438})), None, NOW)
    with pytest.raises(Conflict, match="another producer"):
        write(path, path, ask(), signer().key, NOW)
    ours = ContentLabel("example.org", "c", propagator="example.org", propagation_id="p-7")
    write(path, path, ask(ours), signer().key, NOW)
    said = looked(path).of(Scheme.GB45438).said
    assert said == ContentLabel(theirs.producer, "theirs-1", propagator="example.org", propagation_id="p-7")


def test_a_signed_file_is_not_written_into_unless_it_is_signed_anew(tmp_path: Path) -> None:
    path = placed(tmp_path, "png")
    write(path, path, ask(explicit=False), signer().key, NOW)
    kept = path.read_bytes()
    with pytest.raises(Conflict, match="manifest"):
        write(path, path, ask(schemes=frozenset({Scheme.IPTC})), None, NOW)
    assert path.read_bytes() == kept
    assert list(tmp_path.iterdir()) == [path]


def test_a_photo_that_says_it_is_one_is_not_called_generated(tmp_path: Path) -> None:
    from tocsin.label.splicing import spliceable
    from tocsin.wire import xmp

    camera = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    put = spliceable(CASES["jpeg"][1], Format.JPEG).put(xmp.edited(None, {xmp.SOURCE_TYPE: camera}))
    path = placed(tmp_path, "jpeg", put)
    with pytest.raises(Conflict, match="digitalCapture"):
        write(path, path, ask(), signer().key, NOW)
    assert looked(path).of(Scheme.IPTC).reasons == ("says-otherwise",)


def test_fields_where_others_put_them(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("AIGC", SAID)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + SAID.encode()
    described = Image.Exif()
    described[0x010E] = f'{{"AIGC":{SAID}}}'
    for name, content, where in (
        ("png", encoded(gradient(), "PNG", pnginfo=info), "png-text"),
        ("jpeg", encoded(gradient(), "JPEG", exif=exif), "exif-comment"),
        ("webp", encoded(gradient(), "WEBP", exif=described), "exif-description"),
    ):
        finding = looked(placed(tmp_path, name, content)).of(Scheme.GB45438)
        assert (finding.standing, finding.where) == (Standing.VALID_UNTRUSTED, where)
        assert finding.said is not None
        assert finding.said.content_id == "n1"


def test_two_labels_in_one_file_are_broken(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("AIGC", SAID)
    info.add_itxt("aigc", SAID.replace("n1", "n2"))
    finding = looked(placed(tmp_path, "png", encoded(gradient(), "PNG", pnginfo=info))).of(Scheme.GB45438)
    assert (finding.standing, finding.reasons) == (Standing.BROKEN, ("two-labels",))


@pytest.mark.parametrize(
    ("before", "behind"),
    [(b"", b"PK\x01\x02" + b"\0" * 42 + b"PK\x05\x06" + b"\0" * 18), (b"%PDF-1.7", b""), (b"<script>", b"")],
)
def test_polyglots_are_refused_and_told(before: bytes, behind: bytes, tmp_path: Path) -> None:
    content = encoded(gradient(), "JPEG", comment=before or b"x") + behind
    path = placed(tmp_path, "jpeg", content)
    with pytest.raises(BadInput, match="at once"):
        write(path, path, ask(explicit=False), signer().key, NOW)
    assert "polyglot" in looked(path).notes


def test_a_remote_manifest_is_told_and_never_fetched(tmp_path: Path) -> None:
    """Sockets are off in these tests: a fetch would raise."""
    from tocsin.label.splicing import spliceable
    from tocsin.wire import xmp

    put = spliceable(CASES["jpeg"][1], Format.JPEG).put(
        xmp.edited(None, {xmp.PROVENANCE: "http://127.0.0.1:9/manifest.c2pa"})
    )
    report = looked(placed(tmp_path, "jpeg", put))
    assert "remote-reference" in report.notes
    assert report.of(Scheme.C2PA).standing is Standing.NONE_FOUND
    assert report.of(Scheme.C2PA).reasons == ("remote-not-fetched",)


def test_nothing_found_is_no_word_on_who_made_it(tmp_path: Path) -> None:
    report = looked(placed(tmp_path, "gif"))
    assert standings(report) == (Standing.NONE_FOUND,) * 3
    assert report.notice is None


@pytest.mark.parametrize("name", sorted(CASES))
def test_cut_short_is_told_and_not_written(name: str, tmp_path: Path) -> None:
    path = placed(tmp_path, name, CASES[name][1][:60])
    with pytest.raises(BadInput):
        write(path, path, ask(), signer().key, NOW)
    assert "broken-file" in looked(path).notes
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_over_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_PICTURE_BYTES", 100)
    with pytest.raises(TooLarge):
        looked(placed(tmp_path, "png"))


def test_exif_of_a_stranger_hides_nothing_and_stops_nothing(tmp_path: Path) -> None:
    exif = b"Exif\0\0MM\0*" + b"\0\0\0\x08" + b"\xff\xff" + b"\x87\x69\0\x04\0\0\0\x01\0\0\0\x08" * 900
    report = looked(placed(tmp_path, "jpeg", encoded(gradient(), "JPEG", exif=exif)))
    assert standings(report) == (Standing.NONE_FOUND,) * 3


def test_exiftool_reads_what_was_written(tmp_path: Path) -> None:
    signed = set(CASES) - {"tiff-pages"}
    for name in signed:
        path = placed(tmp_path, name)
        write(path, path, ask(explicit=False), signer().key, NOW)
    command = [
        needs("exiftool", "libimage-exiftool-perl"),
        "-s3",
        "-n",
        "-p",
        "$FileName|$XMP-TC260:AIGC|$XMP-iptcExt:DigitalSourceType",
        str(tmp_path),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    told = [line for line in said.splitlines() if "|" in line]
    assert len(told) == len(signed)
    assert all('"ContentProducer":"example.org"' in line for line in told)
    assert all(line.endswith("trainedAlgorithmicMedia") for line in told)


def test_pyexiv2_reads_what_was_written(tmp_path: Path) -> None:
    """GPL, so in tests alone: another library than ours and than exiftool."""
    import pyexiv2

    pyexiv2.registerNs("http://www.tc260.org.cn/ns/AIGC/1.0/", "TC260")
    for name in ("png", "jpeg", "webp", "tiff"):
        path = placed(tmp_path, name)
        write(path, path, ask(explicit=False), signer().key, NOW)
        with pyexiv2.ImageData(path.read_bytes()) as opened:
            said = opened.read_xmp()
        assert '"ProduceID":"content-1"' in said["Xmp.TC260.AIGC"]
        assert said["Xmp.iptcExt.DigitalSourceType"].endswith("trainedAlgorithmicMedia")
