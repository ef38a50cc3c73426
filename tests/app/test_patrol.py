"""Patrol end to end: what is submitted, looked at, drawn again, and put before a person."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.admission import put_in_force, released
from tests.cases_made_up import person
from tests.fixtures import Made
from tests.label.making import encoded, gradient
from tests.submissions import bill, broken_app, labelled, model, operator, submission
from tocsin.app import patrol as room
from tocsin.app.intake import FileKind
from tocsin.app.patrol import Patrol
from tocsin.kernel import BadInput, NotAllowed, NotFound, Role, TooLarge
from tocsin.kernel.cases import CaseState
from tocsin.kernel.patrol import PatrolCheck, PatrolRule, PatrolVerdict
from tocsin.kernel.release import Tier

R = PatrolRule


def rules(look: PatrolCheck) -> set[PatrolRule]:
    return {one.rule for one in look.findings}


def drawing(made: Made, share: float) -> Patrol:
    """The same service with a share."""
    patrol = made.node.patrol
    patrol._share = share  # settings are read at the start
    return patrol


def test_a_broken_label_an_undeclared_model_and_a_bad_component_come_before_a_person(
    made: Made, tmp_path: Path
) -> None:
    rolf = person(made, "rolf", Role.REVIEWER)
    look = made.node.patrol.submit(rolf, broken_app(made, tmp_path / "app"))
    assert look.verdict is PatrolVerdict.FOUND
    assert rules(look) == {
        R.LABEL_BROKEN,
        R.FILE_ODD,
        R.MODEL_UNDECLARED,
        R.MODEL_NO_RELEASE,
        R.COMPONENT_AFFECTED,
        R.COMPONENT_MALICIOUS,
        R.SBOM_UNNAMED,
    }
    assert [one.about for one in look.findings if one.rule is R.MODEL_UNDECLARED] == ["some/refund-writer"]
    assert [one.fault for one in look.findings] == sorted([one.fault for one in look.findings], reverse=True)
    case = made.node.cases.get(rolf, look.case)
    assert case.state is CaseState.RECEIVED  # a person decides: nothing was done
    words = made.node.cases.words(rolf, look.case)
    assert "some/refund-writer" in words.what
    assert "PYSEC-2026-1" in words.what
    assert "app-17" in words.title
    # the same again goes to the same case, and is another look
    again = made.node.patrol.check(rolf, look.submission, tmp_path / "app")
    assert (again.number, again.case) == (2, look.case)
    assert [one.number for one in made.node.patrol.show(rolf, look.submission)] == [1, 2]
    acts = [row.act for row in made.node.store.audit.read(limit=50)]
    assert acts.count("patrol.submit") == acts.count("patrol.check") == 1


def test_a_listing_that_is_in_order_has_no_findings_and_no_case(made: Made, tmp_path: Path) -> None:
    digest = model(made, tmp_path / "model")
    put_in_force(made, released(Tier.LIMITED, artefact=digest))
    folder = tmp_path / "listing"
    folder.mkdir()
    (folder / "a.txt").write_text("A lottery refund.\n", "utf-8")
    labelled(made, folder / "a.txt")
    declared = {"name": "weather-writer", "digest": digest, "weights": True}
    submission(folder, generates=True, samples=["./a.txt"], models=[declared])
    look = made.node.patrol.submit(operator(made), folder)
    assert (look.verdict, look.findings, look.case) == (PatrolVerdict.NOTHING_FOUND, (), "")
    assert set(look.files) == {"a.txt", "submission.yaml"}


def test_a_model_of_the_register_under_another_name_and_one_that_is_not_known(
    made: Made, tmp_path: Path
) -> None:
    model(made, tmp_path / "model")
    other = model(made, tmp_path / "other", "refund-writer")
    models = [
        {"name": "weather-writer", "digest": other},
        {"name": "nobody-knows", "digest": "0" * 64},
    ]
    look = made.node.patrol.submit(operator(made), submission(tmp_path / "s", generates=True, models=models))
    assert {(one.rule, one.about) for one in look.findings} == {
        (R.MODEL_OTHER_NAME, "weather-writer"),
        (R.MODEL_NO_RELEASE, "weather-writer"),
        (R.MODEL_UNKNOWN, "nobody-knows"),
        (R.NO_SAMPLES, "submission.yaml"),
    }


def test_an_unlabelled_sample_one_that_no_label_fits_and_an_ending_that_lies(
    made: Made, tmp_path: Path
) -> None:
    folder = submission(
        tmp_path / "s", generates=True, models=[], samples=["plain.txt", "code.bin", "picture.jpg"]
    )
    (folder / "plain.txt").write_text("A lottery refund.\n", "utf-8")
    (folder / "code.bin").write_bytes(os.urandom(40))
    (folder / "picture.jpg").write_bytes(encoded(gradient(), "PNG"))
    look = made.node.patrol.submit(operator(made), folder)
    told = {(one.rule, one.about) for one in look.findings}
    assert (R.LABEL_MISSING, "plain.txt") in told
    assert (R.LABEL_UNREAD, "code.bin") in told
    assert (R.FILE_ODD, "picture.jpg") in told
    assert (R.MODEL_UNDECLARED, "submission.yaml") in told


def test_a_bill_that_cannot_be_read_is_unsettled_and_no_fault(made: Made, tmp_path: Path) -> None:
    folder = submission(tmp_path / "s", kind="app", sbom="bom.json")
    for data in (b"<bom/>", b"{", b'{"bomFormat": "CycloneDX", "components": 1}', b"\xff\xfe", b""):
        (folder / "bom.json").write_bytes(data)
        look = made.node.patrol.submit(operator(made), folder)
        assert (look.verdict, rules(look), look.case) == (PatrolVerdict.UNSETTLED, {R.SBOM_UNREAD}, "")
    (folder / "bom.json").write_bytes(bill())
    assert made.node.patrol.submit(operator(made), folder).findings == ()


def test_a_file_whose_bytes_are_on_the_operators_list(made: Made, tmp_path: Path) -> None:
    folder = submission(tmp_path / "s")
    (folder / "tool.sh").write_text("echo lottery\n", "utf-8")
    look = made.node.patrol.submit(operator(made), folder)
    assert look.findings == ()
    (tmp_path / "bad.txt").write_text(f"{look.files['tool.sh']}  known\n", "utf-8")
    made.node.intake.read_file(operator(made), tmp_path / "bad.txt", FileKind.HASH)
    again = made.node.patrol.check(operator(made), look.submission, folder)
    assert rules(again) == {R.FILE_KNOWN_BAD}
    assert again.case


def test_paths_out_links_and_what_is_too_much_are_refused_and_nothing_is_kept(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, patrol = operator(made), made.node.patrol
    (tmp_path / "secret.txt").write_text("x", "utf-8")
    for path in ("../secret.txt", "/etc/hostname", "a/../../b", "a\\b"):
        with pytest.raises(BadInput, match="no path within"):
            patrol.submit(by, submission(tmp_path / "out", generates=True, samples=[path]))
    linked = submission(tmp_path / "linked", generates=True, samples=["a.txt"])
    (linked / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(BadInput, match="link"):
        patrol.submit(by, linked)
    folders = submission(tmp_path / "folders")
    (folders / "more").symlink_to(tmp_path)
    with pytest.raises(BadInput, match="link"):
        patrol.submit(by, folders)
    with pytest.raises(BadInput, match="not in the folder"):
        patrol.submit(by, submission(tmp_path / "none", generates=True, samples=["a.txt"]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"has no submission\.yaml"):
        patrol.submit(by, tmp_path / "empty")
    with pytest.raises(BadInput, match="no folder"):
        patrol.submit(by, tmp_path / "nowhere")
    many = submission(tmp_path / "many")
    (many / "one").write_bytes(b"1")
    monkeypatch.setattr(room, "MAX_FILES", 1)
    with pytest.raises(TooLarge, match="files"):
        patrol.submit(by, many)
    monkeypatch.setattr(room, "MAX_FILES", 100)
    with (many / "huge").open("wb") as stream:
        stream.truncate((2 << 30) + 1)  # a hole: it takes no room
    with pytest.raises(TooLarge, match="GiB"):
        patrol.submit(by, many)
    assert patrol.listed(by) == ()


def test_nothing_is_drawn_until_an_operator_says_how_much(made: Made, tmp_path: Path) -> None:
    by = operator(made)
    made.node.patrol.submit(by, submission(tmp_path / "s"))
    made.now += timedelta(days=14)
    assert made.node.patrol.tick() == 0
    assert made.node.patrol.waiting(by) == ()
    with pytest.raises(BadInput, match="patrol_share"):
        made.node.patrol.sample(by)


def test_a_draw_is_of_the_week_keyed_by_the_node_and_answered_by_a_look(made: Made, tmp_path: Path) -> None:
    by, folder = operator(made), submission(tmp_path / "s")
    looks = [made.node.patrol.submit(by, folder) for _ in range(12)]
    patrol = drawing(made, 0.5)
    assert patrol.sample(by) == ()  # what came this week is in next week's
    made.now += timedelta(days=7)
    drawn = patrol.sample(by)
    assert 0 < len(drawn) < 12
    week = drawn[0].week
    keyed = {
        one.submission for one in looks if made.node.keys.draw(f"patrol/{week}/{one.submission}") < 1 << 62
    }
    assert {one.submission for one in drawn} == keyed
    made.now += timedelta(days=1)
    assert patrol.tick() == 0  # nobody draws again until it suits
    answered = patrol.check(by, drawn[0].submission, folder)
    assert answered.drawn
    assert not looks[0].drawn
    assert len(patrol.waiting(by)) == len(drawn) - 1
    made.now += timedelta(days=7)
    assert {one.week for one in patrol.sample(by)} > {week}


def test_who_may_read_and_who_may_look(made: Made, tmp_path: Path) -> None:
    folder = submission(tmp_path / "s")
    ana, ines = person(made, "ana", Role.ANALYST), person(made, "ines", Role.AUDITOR)
    look = made.node.patrol.submit(person(made, "rolf", Role.REVIEWER), folder)
    for reader in (ana, ines):
        assert made.node.patrol.show(reader, look.submission) == (look,)
        with pytest.raises(NotAllowed):
            made.node.patrol.submit(reader, folder)
        with pytest.raises(NotAllowed):
            made.node.patrol.check(reader, look.submission, folder)
        with pytest.raises(NotAllowed):
            made.node.patrol.sample(reader)
    with pytest.raises(NotAllowed):
        made.node.patrol.listed(person(made, "duty", Role.DUTY_OFFICER))
    with pytest.raises(NotFound, match="show"):
        made.node.patrol.show(ana, "sub_0")


def test_what_nobody_looked_at_for_long_is_forgotten(made: Made, tmp_path: Path) -> None:
    made.node.patrol.submit(operator(made), submission(tmp_path / "s"))
    made.now += timedelta(days=made.node.settings.retention_events_days + 1)
    made.node.expire()
    assert made.node.store.patrol.count() == 0
