"""Followed models: what changed, said once to whom it concerns; and what peers and reports say of them."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.app.test_artefacts import GIF, lay, operator
from tests.app.test_routing import TAKEN, channel
from tests.assure.intelligence.test_avid import REPORT
from tests.contracts.store.samples import record
from tests.fixtures import Made
from tests.hostile_peer import HostilePeer
from tocsin.app import following
from tocsin.app.artefact_words import said
from tocsin.app.following import fingerprint
from tocsin.app.intake import FileKind
from tocsin.kernel import (
    BadInput,
    Caller,
    Conflict,
    NotAllowed,
    NotFound,
    NoticeState,
    Origin,
    Peer,
    PeerStatus,
    Role,
    micros,
)
from tocsin.kernel.artefacts import ArtefactVerdict, Fact, Inspection
from tocsin.kernel.models import ModelState, NoticeCause

LAB = "identity--8f14e45f-ceea-4e6f-8f14-e45fceea5e01"


@pytest.fixture
def made(copied: Made) -> Made:
    return copied


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lay(tmp_path / "helper", README_md=b"# a helper\n")


def causes(made: Made) -> list[NoticeCause]:
    return [notice.cause for notice in made.node.store.artefact_notices.listed()]


def checked(made: Made, days: float = 0.01) -> tuple[NoticeCause, ...]:
    made.now += timedelta(days=days)
    return tuple(cause for one in made.node.following.check() for cause in one.said)


def test_a_model_is_followed_from_its_first_look_on(made: Made, folder: Path) -> None:
    model = made.node.following.follow(
        operator(made), "helper", path=folder, deployed_by=["admin"], publisher="Ex"
    )
    assert model.artefact == made.node.artefacts.named("helper").line.artefact
    admin = made.node.access.named("admin").id
    assert model.deployed_by == (f"user:{admin}",)
    assert checked(made) == ()
    (folder / "README.md").write_bytes(b"# a better helper\n")
    assert checked(made) == (NoticeCause.NEW_VERSION,)
    assert checked(made) == ()
    (notice,) = made.node.store.artefact_notices.listed()
    assert notice.to == f"user:{admin}"
    assert model.artefact[:12] in said(notice)
    followed = made.node.store.followed.get("helper")
    assert followed is not None
    assert followed.artefact != model.artefact
    history = made.node.artefacts.history("helper")
    assert [line.artefact for line in history.inspections] == [followed.artefact, model.artefact]
    assert history.notices == (notice,)


def test_files_that_go_and_come_are_said_once_each(made: Made, folder: Path) -> None:
    made.node.following.follow(operator(made), "helper", path=folder)
    away = folder.rename(folder.parent / "away")
    assert checked(made) == (NoticeCause.WITHDRAWN,)
    assert checked(made) == ()
    gone = made.node.store.followed.get("helper")
    assert gone is not None
    assert gone.state is ModelState.WITHDRAWN
    away.rename(folder)
    assert checked(made) == (NoticeCause.RETURNED,)
    assert checked(made) == ()


def test_a_review_that_is_due_is_said_once(made: Made) -> None:
    made.node.following.follow(operator(made), "helper", digest="A" * 64, review=date(2026, 11, 22))
    assert checked(made) == ()
    assert checked(made, days=2) == (NoticeCause.REVIEW_DUE,)
    assert checked(made, days=2) == ()
    made.node.following.follow(operator(made), "helper", digest="a" * 64, review=date(2026, 11, 23))
    assert checked(made) == (NoticeCause.REVIEW_DUE,), "another day is another review"


def test_bytes_are_read_anew_only_when_files_moved_or_long_ago(made: Made, folder: Path) -> None:
    made.node.following.follow(operator(made), "helper", path=folder)
    assert [one.read for one in made.node.following.check()] == [False]
    made.now += timedelta(days=following.READ_ANEW_DAYS)
    assert [one.read for one in made.node.following.check()] == [True]
    assert [one.read for one in made.node.following.check()] == [False]
    before = fingerprint(folder)
    lay(folder, more_txt=b"x")
    assert fingerprint(folder) != before
    assert [one.read for one in made.node.following.check()] == [True]
    assert fingerprint(folder / "gone") == fingerprint(folder / "gone")


def test_what_else_changed_with_a_version_is_told(made: Made) -> None:
    """By facts that an examiner would tell; the walk itself is in the tests above."""
    template, licence = (
        Fact("chat-template", "tokenizer_config.json", {"sha256": "1", "text": "{{ messages }}"}),
        Fact("licence", "README.md", {"name": "apache-2.0"}),
    )
    plain = Inspection("a" * 64, "helper", 1, 1, "t", {}, ArtefactVerdict.CLEAN, facts=(template, licence))
    before = made.node.artefacts.keep(plain)
    after = made.node.artefacts.keep(
        Inspection(
            "b" * 64,
            "helper",
            1,
            2,
            "t",
            {},
            ArtefactVerdict.FOUND,
            facts=(
                Fact("chat-template", "tokenizer_config.json", {"sha256": "2", "text": "{{ tools }}"}),
                licence,
            ),
        )
    )
    model = made.node.following.follow(operator(made), "helper", digest="a" * 64)
    told = made.node.following._what_changed(model, before, after)
    assert told == [NoticeCause.TEMPLATE, NoticeCause.VERDICT]


def test_a_derivative_is_told_as_its_own_claim(made: Made) -> None:
    made.node.following.follow(operator(made), "Ex/Helper-7B", digest="a" * 64)
    derived = Inspection(
        "b" * 64,
        "tuned",
        1,
        1,
        "t",
        {},
        ArtefactVerdict.CLEAN,
        facts=(Fact("base-model", "README.md", {"name": "ex/helper_7b"}),),
    )
    sibling = msgspec.structs.replace(derived, artefact="c" * 64, name="sibling")
    own = Fact("metadata", "model.gguf", {"general.name": "Helper 7B"})
    named = msgspec.structs.replace(derived, artefact="d" * 64, name="x", facts=(own,))
    for one in (sibling, named):
        made.node.artefacts.keep(one)
        made.node.following.follow(operator(made), f"here {one.name}", digest=one.artefact)
    made.node.artefacts.keep(derived)
    made.node.artefacts.keep(derived)
    notices = [one for one in made.node.store.artefact_notices.listed() if one.artefact == "b" * 64]
    assert {(one.cause, one.model) for one in notices} == {
        (NoticeCause.DERIVATIVE, "Ex/Helper-7B"),
        (NoticeCause.DERIVATIVE, "here x"),
    }
    assert len(notices) == 2
    assert all("no proof" in said(one) for one in notices)


def test_a_report_that_names_it_is_a_claim_and_opens_nothing(
    made: Made, folder: Path, tmp_path: Path
) -> None:
    made.node.following.follow(operator(made), "Helper 7B", path=folder)
    made.node.following.follow(operator(made), "another", digest="c" * 64)
    (tmp_path / "r.jsonl").write_text(json.dumps(REPORT), "utf-8")
    done = made.node.intake.read_file(operator(made), tmp_path / "r.jsonl", FileKind.AVID)
    assert (done.new, done.named, done.reopened) == (1, ("Helper 7B",), ())
    (notice,) = made.node.store.artefact_notices.listed()
    assert "does not prove" in said(notice)
    assert made.node.artefacts.reopened() == ()
    flaws = made.node.intake.flaws(made.node.artefacts.named("Helper 7B"))
    assert [one.id for one in flaws.claims] == ["AVID-2026-R9001"]
    assert not flaws.found


def test_real_reports_find_the_models_that_they_name(made: Made, shared_data: Path) -> None:
    made.node.following.follow(operator(made), "openai/gpt-oss-20b", digest="a" * 64)
    made.node.following.follow(operator(made), "weather-7b", digest="b" * 64)
    file = shared_data / "avid" / "reports.jsonl"
    done = made.node.intake.read_file(operator(made), file, FileKind.AVID)
    assert (done.read, done.new, done.not_taken, done.named) == (396, 396, 0, ("openai/gpt-oss-20b",))
    assert causes(made) == [NoticeCause.NAMED] * 22
    assert made.node.intake.read_file(operator(made), file, FileKind.AVID).new == 0


def indicator(number: int, sha256: str, **changed: object) -> bytes:
    said = {
        "type": "indicator",
        "id": f"indicator--{number}",
        "name": "a bad file",
        "pattern_type": "stix",
        "pattern": f"[file:hashes.'SHA-256' = '{sha256}']",
        "indicator_types": ["malicious-activity"],
    }
    return json.dumps({**said, **changed}).encode()


def test_a_trusted_peers_word_on_a_file_opens_what_holds_it(made: Made, tmp_path: Path) -> None:
    kept = made.node.artefacts.record(operator(made), lay(tmp_path / "a", dot_gif=GIF))
    other = made.node.artefacts.record(operator(made), lay(tmp_path / "b", README_md=b"# b\n"))
    sha256 = kept.inspection.parts[0].sha256
    made.node.store.peers.add(Peer("lab", "https://lab.example", status=PeerStatus.TRUSTED, identity=LAB))
    put, now = made.node.store.records.put, micros(made.now)
    theirs: dict[str, Any] = {"origin": Origin.PEER, "peer": "lab", "author": LAB, "added": now}
    put([record(1, stix=indicator(1, sha256), **{**theirs, "author": "identity--stranger"})])
    put([record(2, stix=indicator(2, sha256), **{**theirs, "origin": Origin.IMPORT})])
    put([record(3, stix=indicator(3, sha256, indicator_types=["benign"]), **theirs)])
    put([record(4, stix=indicator(4, sha256, valid_until="2020-01-01T00:00:00Z"), **theirs)])
    assert made.node.intake.hear_peers() == ()
    put([record(5, stix=indicator(5, sha256), **theirs)])
    assert [line.artefact for line in made.node.intake.hear_peers()] == [kept.line.artefact]
    assert made.node.intake.hear_peers() == ()
    assert made.node.artefacts.latest(other.line.artefact).line.stands
    made.now += timedelta(seconds=1)
    (looked,) = made.node.aftercare.tick().looked
    assert looked.verdict is ArtefactVerdict.INCONCLUSIVE, "a peer's word is not ours"
    put([record(5, version=now + 5, stix=indicator(5, sha256, revoked=True), **theirs)])
    assert [line.artefact for line in made.node.intake.hear_peers()] == [kept.line.artefact]


def test_what_cannot_be_followed_is_refused(made: Made, folder: Path) -> None:
    def follow(name: str = "helper", by: Caller | None = None, **changed: object) -> None:
        made.node.following.follow(by or operator(made), name, **changed)  # type: ignore[arg-type]

    for name in ("", " x", "a\nb", "x" * 200, "a" * 64):
        with pytest.raises(BadInput):
            follow(name, digest="b" * 64)
    with pytest.raises(BadInput, match="--path"):
        follow()
    with pytest.raises(BadInput, match="--path"):
        follow(path=folder, digest="b" * 64)
    with pytest.raises(BadInput, match="sha256"):
        follow(digest="b")
    with pytest.raises(BadInput):
        follow(path=folder / "gone")
    with pytest.raises(NotFound, match="channel"):
        follow(digest="b" * 64, deployed_by=["nobody"])
    with pytest.raises(NotAllowed):
        follow(by=Caller(user="u", name="u", roles=frozenset({Role.AUDITOR})), digest="b" * 64)
    assert made.node.store.followed.every() == ()


def test_it_is_followed_no_more_and_what_was_said_stays(made: Made, folder: Path) -> None:
    made.node.following.follow(operator(made), "helper", path=folder)
    (folder / "README.md").write_bytes(b"# other\n")
    checked(made)
    made.node.following.unfollow(operator(made), "helper")
    assert checked(made) == ()
    assert causes(made) == [NoticeCause.NEW_VERSION]
    with pytest.raises(NotFound):
        made.node.following.unfollow(operator(made), "helper")
    (notice,) = made.node.store.artefact_notices.listed()
    answered = made.node.following.answer(operator(made), notice.id, "rolled back")
    assert answered.answer == "rolled back"
    with pytest.raises(Conflict):
        made.node.following.answer(operator(made), notice.id, "no")
    with pytest.raises(NotFound):
        made.node.following.answer(operator(made), "no")


@pytest.mark.net
def test_word_goes_to_the_channel_that_deployed_it_once_and_without_a_path(made: Made, folder: Path) -> None:
    with HostilePeer(TAKEN) as peer:
        channel(made, peer.url)
        made.node.following.follow(operator(made), "helper", path=folder, deployed_by=["duty"])
        (folder / "README.md").write_bytes(b"# other\n")
        checked(made)
        assert made.node.routing.tick() == 1
        assert made.node.routing.tick() == 0
        (asked,) = peer.asked
    body = json.loads(asked.body)
    assert body["type"] == "model.notice"
    assert (body["data"]["model"], body["data"]["cause"]) == ("helper", "new-version")
    assert str(folder) not in asked.body.decode()


@pytest.mark.net
def test_many_words_come_as_one_and_none_is_lost(made: Made, tmp_path: Path) -> None:
    with HostilePeer(TAKEN) as peer:
        channel(made, peer.url, an_hour=1)
        for number in range(3):
            name, folder = f"model-{number}", lay(tmp_path / str(number), README_md=b"# a\n")
            made.node.following.follow(operator(made), name, path=folder, deployed_by=["duty"])
            (folder / "README.md").write_bytes(b"# b %d\n" % number)
        assert checked(made) == (NoticeCause.NEW_VERSION,) * 3
        assert made.node.routing.tick() == 1
        made.now += timedelta(hours=2)
        assert made.node.routing.tick() == 0
        (asked,) = peer.asked
    body = json.loads(asked.body)
    assert body["type"] == "warning.digest"
    digest = made.node.store.outbox.listed(NoticeState.SENT)[0]
    assert len(digest.digest) == 3
    assert made.node.store.artefact_notices.unread() == 3
