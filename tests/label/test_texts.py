"""Plain text, Markdown and HTML: labelled, read as others write it, and broken by one changed letter."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.label.making import LABEL, NOW, ask, looked, signer, standings
from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.labels import Certainty, ContentLabel, Scheme, Standing
from tocsin.label import texts
from tocsin.label.carriers import carrier_of
from tocsin.label.formats import Format
from tocsin.label.verifying import Anchors
from tocsin.label.writing import write

TEXTS = {
    "a.txt": "A lottery refund.\r\nYours.\r\n",
    "empty.txt": "",
    "a.md": "---\ntitle: A refund\ntags: [a, b]\n---\n\n# A lottery refund\n\nletters\n",
    "plain.md": "# A lottery refund\n\nletters\n",
    "a.html": "<!DOCTYPE html>\n<html><head><title>AI-generated</title></head><body><p>letters</p></body></html>",
    "piece.html": "<p>letters</p>",
    "bom.html": "\ufeff<html><body>letters",
}
SAID = '{"Label":"1","ContentProducer":"001191110000MA0123456X00001","ProduceID":"n1"}'


def placed(folder: Path, name: str, text: str | bytes | None = None) -> Path:
    path = folder / name
    given = TEXTS[name] if text is None else text
    path.write_bytes(given if isinstance(given, bytes) else given.encode())
    return path


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_labelled_and_valid(name: str, tmp_path: Path) -> None:
    path = placed(tmp_path, name)
    written = write(path, path, ask(), signer().key, NOW)
    assert Scheme.C2PA in written.left_out
    report = looked(path)
    assert report.of(Scheme.GB45438).standing is Standing.VALID
    assert report.of(Scheme.GB45438).said == LABEL
    assert report.notice
    if not name.endswith(".txt"):
        assert report.of(Scheme.IPTC).standing is Standing.VALID
    assert "letters" in path.read_text() or "letters" not in TEXTS[name]
    once = path.read_bytes().count(b"AI-generated")
    write(path, path, ask(), signer().key, NOW)
    assert path.read_bytes().count(b"AI-generated") == once
    assert looked(path).of(Scheme.GB45438).standing is Standing.VALID


@pytest.mark.parametrize("name", ["a.txt", "a.md", "plain.md", "a.html", "piece.html"])
def test_one_changed_letter_breaks_it_and_other_ends_of_lines_do_not(name: str, tmp_path: Path) -> None:
    path = placed(tmp_path, name)
    write(path, path, ask(), signer().key, NOW)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n")
    assert looked(path).of(Scheme.GB45438).standing is Standing.VALID
    path.write_bytes(content.replace(b"ers", b"erz", 1).replace(b"Yours", b"Yourz"))
    finding = looked(path).of(Scheme.GB45438)
    assert (finding.standing, finding.reasons) == (Standing.BROKEN, ("guard-does-not-hold",))


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_without_a_key_it_is_there_and_nobody_stands_for_it(name: str, tmp_path: Path) -> None:
    path = placed(tmp_path, name)
    write(path, path, ask(), None, NOW)
    finding = looked(path).of(Scheme.GB45438)
    assert (finding.standing, finding.reasons) == (Standing.VALID_UNTRUSTED, ("unsigned",))


def test_whose_guard_is_not_an_anchors_is_valid_and_not_trusted(tmp_path: Path) -> None:
    path = placed(tmp_path, "a.md")
    write(path, path, ask(), signer().key, NOW)
    assert looked(path, Anchors()).of(Scheme.GB45438).reasons == ("no-anchor",)
    assert looked(path, signer("Another").anchors).of(Scheme.GB45438).reasons == ("certificate-untrusted",)


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("a.md", f"---\nAIGC: '{SAID}'\n---\ntext", "front-matter"),
        ("a.md", f'---\naigc: {{"AIGC": {SAID}}}\n---\n', "front-matter"),
        ("a.md", "---\nAIGC:\n  Label: AIGC\n  ContentProducer: p\n  ProduceID: 7\n---\n", "front-matter"),
        ("a.md", '---\r\nAIGC: {Label: 1, ContentProducer: p, ProduceID: "n"}\r\n---\r\n', "front-matter"),
        ("a.txt", f"words\nAIGC: {SAID}\n", "line"),
        ("a.txt", f"<!-- AIGC={SAID} -->\nwords", "line"),
        ("a.html", f"<html><head><meta content='{SAID}' name='aigc'/></head>", "meta"),
        ("a.html", f"<meta property='TC260:AIGC' content='{SAID}'>", "meta"),
    ],
)
def test_as_others_write_it(name: str, text: str, where: str, tmp_path: Path) -> None:
    finding = looked(placed(tmp_path, name, text)).of(Scheme.GB45438)
    assert (finding.standing, finding.where) == (Standing.VALID_UNTRUSTED, where), finding
    assert finding.said is not None
    assert finding.said.certainty is Certainty.CONFIRMED


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.md", "---\nAIGC: yes, quite\n---\n", "not-of-its-form"),
        ("a.md", "---\nAIGC: [1]\n---\n", "not-of-its-form"),
        (
            "a.html",
            f"<meta name=aigc content='{SAID}'><meta name=AIGC content='{SAID.replace('n1', 'n2')}'>",
            "two-labels",
        ),
        ("a.txt", f"AIGC: {SAID}\nx\nAIGC: {SAID.replace('n1', 'n2')}", "two-labels"),
    ],
)
def test_broken(name: str, text: str, reason: str, tmp_path: Path) -> None:
    path = placed(tmp_path, name, text)
    assert looked(path).of(Scheme.GB45438).reasons == (reason,)
    with pytest.raises((Conflict, BadInput)):
        write(path, path, ask(), signer().key, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "本文由人工智能生成。",
        "AI生成",
        "Written by an AI.",
        "generated with artificial intelligence",
        "> AI-generated",
    ],
)
def test_a_notice_alone_is_a_label_that_nobody_signed(text: str, tmp_path: Path) -> None:
    finding = looked(placed(tmp_path, "a.txt", text)).of(Scheme.GB45438)
    assert (finding.standing, finding.reasons) == (Standing.VALID_UNTRUSTED, ("notice-alone",))


@pytest.mark.parametrize(
    "text", ["A lottery refund", "We said again and again: aid.", "fair generated numbers"]
)
def test_no_notice_is_no_word_on_who_wrote_it(text: str, tmp_path: Path) -> None:
    report = looked(placed(tmp_path, "a.txt", text))
    assert report.notice is False
    assert standings(report) == (Standing.NONE_FOUND,) * 3


def test_another_producers_label_keeps_its_guard(tmp_path: Path) -> None:
    theirs = signer("Theirs")
    path = placed(tmp_path, "a.md")
    write(path, path, ask(ContentLabel("theirs", "t1")), theirs.key, NOW)
    ours = ContentLabel("us", "x", propagator="us", propagation_id="p1")
    write(path, path, ask(ours), signer().key, NOW)
    finding = looked(path, theirs.anchors).of(Scheme.GB45438)
    assert (finding.standing, finding.signer) == (Standing.VALID, "O=Theirs,CN=Theirs")
    assert finding.said == ContentLabel("theirs", "t1", propagator="us", propagation_id="p1")


@pytest.mark.parametrize(
    "front",
    ["- a\n- list", "{flow: 1}", "a: [", "&a [*a]", "a: " + "[" * 3000, "x: " + "y" * texts.MAX_FRONT_CHARS],
)
def test_front_matter_that_is_none_is_told_and_not_written_into(front: str, tmp_path: Path) -> None:
    path = placed(tmp_path, "a.md", f"---\n{front}\n---\ntext")
    assert looked(path).of(Scheme.GB45438).standing is Standing.NONE_FOUND
    with pytest.raises(BadInput):
        write(path, path, ask(), signer().key, NOW)


def test_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        looked(placed(tmp_path, "a.txt", b"\xff\xfe\x41"))
    path = placed(tmp_path, "b.txt", "text")
    with pytest.raises(BadInput, match="no place"):
        write(path, path, ask(schemes=frozenset({Scheme.C2PA})), signer().key, NOW)
    monkeypatch.setattr(texts, "MAX_TEXT_BYTES", 3)
    with pytest.raises(TooLarge):
        looked(placed(tmp_path, "c.txt", "text"))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(st.characters(codec="utf-8")),
    lead=st.sampled_from(["", "---\n", "<html>", "<head", "---\na: 1\n---\n", "<!--", "AIGC: {"]),
    name=st.sampled_from(["a.txt", "a.md", "a.html"]),
)
def test_whatever_a_text_is_it_is_read_and_what_is_written_reads_back(
    text: str, lead: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes((lead + text).encode())
    kind = {"a.txt": Format.TEXT, "a.md": Format.MARKDOWN, "a.html": Format.HTML}[name]
    carrier_of(kind).read(path)
    try:
        write(path, path, ask(), signer().key, NOW)
    except BadInput:  # NUL bytes, SVG, front matter that is none
        return
    assert looked(path).of(Scheme.GB45438).standing is Standing.VALID
