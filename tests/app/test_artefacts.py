"""Verdicts that open by themselves, and only those that are concerned; with word to whom, and a look anew."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest

from tests.assure.intelligence.test_osv import entry, zipped
from tests.fixtures import Made
from tocsin.app.aftercare import LEASE, Aftercare
from tocsin.app.artefact_words import ArtefactWords, said
from tocsin.app.artefacts import Artefacts
from tocsin.app.intake import FileKind
from tocsin.assure import inspect
from tocsin.kernel import Caller, NotAllowed, NotFound, Role, micros
from tocsin.kernel.artefacts import ArtefactVerdict, Severity
from tocsin.kernel.models import NoticeCause, OpenCause
from tocsin.taxonomy.artefact_rules import ArtefactRule, artefact_rules

CLEAN, FOUND = ArtefactVerdict.CLEAN, ArtefactVerdict.FOUND
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00\x3b"
NEW_RULE = ArtefactRule(
    "image.too-plain", 1, ("image",), ArtefactVerdict.CLEAN, Severity.NOTE, "plain", "简单", "look", "查看"
)


def operator(made: Made) -> Caller:
    return made.node.access.operator()


def lay(folder: Path, **files: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return folder


def with_rules(made: Made, rules: Mapping[str, ArtefactRule]) -> Artefacts:
    """The same memory, under another version of the rules: what a node is after an update."""
    node = made.node
    words = ArtefactWords(node.store, made.clock)
    return Artefacts(
        node.store, node.access, words, made.clock, look=partial(inspect, rules=rules), rules=rules
    )


@pytest.fixture
def made(copied: Made) -> Made:
    return copied


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return lay(tmp_path / "texts", README_md=b"# a model of the weather\n")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return lay(tmp_path / "pictures", README_md=b"# another\n", dot_gif=GIF)


def test_what_is_recorded_is_found_again(made: Made, texts: Path) -> None:
    kept = made.node.artefacts.record(operator(made), texts, name="weather")
    assert kept.line.verdict is CLEAN
    assert made.node.artefacts.latest(kept.line.artefact) == made.node.artefacts.named("weather")
    assert [line.id for line in made.node.artefacts.history("weather").inspections] == [kept.line.id]
    assert made.node.artefacts.listed(verdict=FOUND) == ()
    assert [row.act for row in made.node.store.audit.read(act="model.inspect")] == ["model.inspect"]
    with pytest.raises(NotFound, match="record"):
        made.node.artefacts.latest("0" * 64)
    with pytest.raises(NotFound, match="list"):
        made.node.artefacts.history("nobody")
    with pytest.raises(NotAllowed):
        made.node.artefacts.record(Caller(user="u", name="u", roles=frozenset({Role.AUDITOR})), texts)


def test_a_new_rule_opens_the_verdicts_it_concerns_and_only_those(
    made: Made, texts: Path, pictures: Path
) -> None:
    plain = made.node.artefacts.record(operator(made), texts)
    drawn = made.node.artefacts.record(operator(made), pictures)
    assert made.node.artefacts.stale() == ()
    updated = with_rules(made, {**artefact_rules(), NEW_RULE.id: NEW_RULE})
    (opened,) = updated.stale()
    assert opened.artefact == drawn.line.artefact
    assert opened.reopened is not None
    assert (opened.reopened.cause, opened.reopened.what, opened.reopened.formats) == (
        OpenCause.RULES,
        ("+image.too-plain",),
        ("image",),
    )
    assert updated.stale() == (), "it is open already"
    assert made.node.artefacts.latest(plain.line.artefact).line.stands
    assert [line.artefact for line in made.node.artefacts.reopened()] == [drawn.line.artefact]
    (notice,) = made.node.store.artefact_notices.listed()
    assert (notice.cause, notice.to, notice.artefact) == (NoticeCause.REOPENED, "", drawn.line.artefact)
    assert "+image.too-plain" in said(notice)
    assert "重新打开" in said(notice, "zh")
    made.now += timedelta(seconds=1)
    again = updated.look_again(opened)
    assert again is not None
    assert again.line.stands
    assert updated.stale() == ()
    assert made.node.artefacts.reopened() == ()
    assert [line.reopened is None for line in made.node.store.inspections.history(drawn.line.artefact)] == [
        True,
        False,
    ]


def test_a_rule_that_is_raised_or_gone_is_named(made: Made, pictures: Path) -> None:
    first = {**artefact_rules(), NEW_RULE.id: NEW_RULE}
    with_rules(made, first).record(operator(made), pictures)
    raised = {**first, NEW_RULE.id: msgspec.structs.replace(NEW_RULE, version=3)}
    (opened,) = with_rules(made, raised).stale()
    assert opened.reopened is not None
    assert opened.reopened.what == ("~image.too-plain 1>3",)
    made.now += timedelta(seconds=1)
    with_rules(made, raised).look_again(opened)
    (opened,) = made.node.artefacts.stale()
    assert opened.reopened is not None
    assert opened.reopened.what == ("-image.too-plain",)


def test_a_file_known_as_bad_opens_only_what_holds_it(
    made: Made, texts: Path, pictures: Path, tmp_path: Path
) -> None:
    made.node.artefacts.record(operator(made), texts)
    drawn = made.node.artefacts.record(operator(made), pictures)
    (sha256,) = (part.sha256 for part in drawn.inspection.parts if part.path == "dot.gif")
    listed = tmp_path / "bad.txt"
    listed.write_text(f"{sha256}  dot.gif\n{'0' * 64} elsewhere\n", "utf-8")
    done = made.node.intake.read_file(operator(made), listed, FileKind.HASH)
    assert (done.read, done.new, done.reopened) == (2, 2, (drawn.line.artefact,))
    (line,) = made.node.artefacts.reopened()
    assert line.reopened is not None
    assert (line.reopened.cause, line.reopened.what) == (OpenCause.INTELLIGENCE, (f"file-hash:{sha256}",))
    assert made.node.intake.read_file(operator(made), listed, FileKind.HASH).reopened == ()
    made.now += timedelta(seconds=1)
    (looked,) = made.node.aftercare.tick().looked
    assert (looked.artefact, looked.verdict) == (drawn.line.artefact, FOUND)
    kept = made.node.artefacts.latest(drawn.line.artefact)
    assert [(one.rule, one.place.path) for one in kept.inspection.findings] == [
        ("registry.known-bad-file", "dot.gif")
    ]
    assert {part.path: part.verdict for part in kept.inspection.parts} == {
        "README.md": CLEAN,
        "dot.gif": FOUND,
    }
    causes = [notice.cause for notice in made.node.store.artefact_notices.listed()]
    assert causes == [NoticeCause.VERDICT, NoticeCause.REOPENED]
    assert made.node.artefacts.reopened() == ()


def test_what_was_known_before_is_found_at_the_first_look(made: Made, pictures: Path, tmp_path: Path) -> None:
    listed = tmp_path / "bad.txt"
    listed.write_text(hashlib.sha256(GIF).hexdigest(), "utf-8")
    made.node.intake.read_file(operator(made), listed, FileKind.HASH)
    assert made.node.artefacts.record(operator(made), pictures).line.verdict is FOUND


BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [
        {"name": "example-package", "version": "1.3", "purl": "pkg:pypi/example-package@1.3"},
        {"name": "nested", "components": [{"name": "z", "version": "2", "purl": "pkg:npm/z@2.0.0"}]},
    ],
}


def test_a_flaw_opens_only_stacks_with_an_affected_version(made: Made, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps(BOM), "utf-8")
    (tmp_path / "new.json").write_text(json.dumps(BOM).replace("1.3", "1.4"), "utf-8")
    old = made.node.artefacts.record(operator(made), tmp_path / "old.json", name="stack:old")
    made.node.artefacts.record(operator(made), tmp_path / "new.json", name="stack:new")
    assert {fact.values["name"] for fact in old.inspection.facts if fact.kind == "requirement"} == {
        "example-package",
        "z",
    }
    done = made.node.intake.read_file(
        operator(made), zipped(tmp_path / "all.zip", entry(1), entry(2, name="other"), b"{"), FileKind.OSV
    )
    assert (done.read, done.new, done.not_taken, done.reopened) == (2, 2, 1, (old.line.artefact,))
    flaws = made.node.intake.flaws(made.node.artefacts.named("stack:old"))
    assert flaws.found
    assert [(match.entry.id, match.component.version) for match in flaws.matches] == [("PYSEC-2026-1", "1.3")]
    assert not made.node.intake.flaws(made.node.artefacts.named("stack:new")).found
    made.now += timedelta(seconds=1)
    (looked,) = made.node.aftercare.tick().looked
    assert looked.verdict is not CLEAN
    withdrawn = zipped(tmp_path / "again.zip", entry(1, withdrawn="2026-11-03T00:00:00Z"))
    taken_back = made.node.intake.read_file(operator(made), withdrawn, FileKind.OSV)
    assert taken_back.reopened == (old.line.artefact,), "what was found by it stands no more either"


def test_a_look_anew_waits_for_files_that_are_gone_and_says_so(made: Made, pictures: Path) -> None:
    made.node.artefacts.record(operator(made), pictures)
    updated = with_rules(made, {**artefact_rules(), NEW_RULE.id: NEW_RULE})
    (opened,) = updated.stale()
    moved = pictures.rename(pictures.parent / "elsewhere")
    care = Aftercare(made.node.store, updated, made.node.intake, made.node.following, made.clock)
    assert care.tick().looked == ()
    (waiting,) = updated.reopened()
    assert waiting.reopened is not None
    assert waiting.reopened.waiting == "its files are no longer where they were"
    moved.rename(pictures)
    assert care.tick().looked == (), "it is asked about once a day"
    made.now += timedelta(days=1)
    (looked,) = care.tick().looked
    assert looked.artefact == opened.artefact
    assert updated.reopened() == ()


def test_other_files_in_the_place_are_another_artefact(made: Made, pictures: Path) -> None:
    kept = made.node.artefacts.record(operator(made), pictures)
    updated = with_rules(made, {**artefact_rules(), NEW_RULE.id: NEW_RULE})
    (opened,) = updated.stale()
    (pictures / "README.md").write_bytes(b"# something else\n")
    made.now += timedelta(seconds=1)
    assert updated.look_again(opened) is None
    (pictures / "README.md").write_bytes(b"# a third thing, which nobody reads for the sake of the first\n")
    assert updated.look_again(opened) is None
    (still,) = updated.reopened()
    assert still.reopened is not None
    assert "other files" in still.reopened.waiting
    assert len(made.node.artefacts.listed()) == 2
    assert made.node.artefacts.named("pictures").line.artefact != kept.line.artefact


def test_of_two_that_take_turns_one_does(made: Made) -> None:
    assert made.node.store.jobs.lease(LEASE, "another", now=micros(made.now), ttl=60_000_000)
    assert made.node.aftercare.check().checked == ()


def test_a_rule_on_gguf_opens_gguf_alone(made: Made, tmp_path: Path) -> None:
    """Real files of both kinds, and archives that hold them."""
    vectors = Path(__file__).parents[1] / "vectors" / "weights"
    lay(tmp_path / "g", model_gguf=(vectors / "plain.gguf").read_bytes())
    lay(tmp_path / "s", model_safetensors=(vectors / "plain.safetensors").read_bytes())
    for folder in ("g", "s"):
        with zipfile.ZipFile(tmp_path / f"{folder}.zip", "w") as archive:
            archive.writestr("inside.bin", next((tmp_path / folder).iterdir()).read_bytes())
    kept = {
        name: made.node.artefacts.record(operator(made), tmp_path / name).line.artefact
        for name in ("g", "s", "g.zip", "s.zip")
    }
    rule = msgspec.structs.replace(NEW_RULE, id="gguf.new", formats=("gguf",))
    opened = with_rules(made, {**artefact_rules(), rule.id: rule}).stale()
    assert {line.artefact for line in opened} == {kept["g"], kept["g.zip"]}
    assert {line.reopened.what for line in opened if line.reopened} == {("+gguf.new",)}


def test_requirements_beside_weights_are_matched(made: Made, tmp_path: Path) -> None:
    lay(tmp_path / "m", requirements_txt=b"Example_Package==1.3\nother>=1\n")
    file = zipped(tmp_path / "all.zip", entry(1), entry(2, name="other"))
    made.node.intake.read_file(operator(made), file, FileKind.OSV)
    kept = made.node.artefacts.record(operator(made), tmp_path / "m")
    assert kept.line.verdict is FOUND
    own = [
        (one.rule, one.values["name"]) for one in kept.inspection.findings if one.rule.startswith("registry.")
    ]
    assert own == [
        ("registry.vulnerable-requirement", "example-package"),
        ("registry.admits-vulnerable", "other"),
    ]
