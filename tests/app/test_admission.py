"""Answers of access at a node: what they rest on, how long they are held, what is written of them."""

import random
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from sqlalchemy.exc import OperationalError

from tests.admission import body, gateway, later, put_in_force, released
from tests.fixtures import Made
from tests.gate.making import ARTEFACT
from tocsin.app.admission import STALE_SECONDS
from tocsin.app.doctor import examine
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, Role, Unavailable
from tocsin.kernel.admission import AccessAct, AccessRequest, Grant, VerificationLevel
from tocsin.kernel.release import ReleaseState, Tier

ASKED = AccessRequest(
    subject="ps_ada", act=AccessAct.USE, model=ARTEFACT, capability="chat", purpose="teaching", terms=True
)
OTHER = msgspec.structs.replace(ASKED, subject="ps_bo", act=AccessAct.OPERATE)
EVIDENCE = "ef" * 32


def grant(made: Made, **changes: Any) -> Grant:
    """A vetted subject, named."""
    asked: dict[str, Any] = {
        "purpose": "teaching",
        "days": 30,
        "reason": "a course of chemistry",
        "vouches": VerificationLevel.VETTED,
        "evidence": EVIDENCE,
    }
    asked |= changes
    return made.node.admitting.grant(
        made.node.access.operator(), asked.pop("subject", "ps_ada"), ARTEFACT, **asked
    )


def granted(made: Made, request: AccessRequest = ASKED) -> bool:
    return made.node.admission.answered(request).answer.granted


def test_a_restricted_capability_is_refused_granted_and_refused_again(copied: Made) -> None:
    made = copied
    put_in_force(made, released(Tier.RESTRICTED))
    assert not granted(made)
    given = grant(made)
    later(made, STALE_SECONDS)
    assert granted(made)
    assert not granted(made, OTHER)
    made.node.admitting.revoke(made.node.access.operator(), given.id, "it was used to defraud")
    later(made, STALE_SECONDS)
    assert not granted(made)
    acts = [row.act for row in made.node.store.audit.read() if row.act.startswith("access.")]
    assert acts == ["access.revoke", "access.grant"]
    made.node.transparency_log.tick()
    entries = {entry.kind for entry in made.node.store.log.entries()}
    assert {"access.grant", "access.revoke"} <= entries


def test_no_answer_rests_on_what_ended_longer_ago_than_it_says(copied: Made) -> None:
    """Events and questions in a random order, at random moments: what is granted was so within STALE_SECONDS."""
    made, draw = copied, random.Random(9)
    restricted, limited = released(Tier.RESTRICTED), released(Tier.LIMITED)
    now, operator, open_grant = 0.0, made.node.access.operator(), None
    put_in_force(made, restricted)
    put_in_force(made, msgspec.structs.replace(limited, state=ReleaseState.PROPOSED))
    tier, named = Tier.RESTRICTED, False
    truth = [(now, False)]  # (since, whether ASKED may be)
    kinds = set()
    for _ in range(400):
        now += (step := draw.choice((0.0, 0.3, 1.1, 2.9, 4.0)))
        later(made, step)
        match draw.randrange(8):
            case 0 if open_grant is None:
                open_grant, named = grant(made), True
            case 1 if open_grant is not None:
                made.node.admitting.revoke(operator, open_grant.id, "the course is over")
                open_grant, named = None, False
            case 2:
                tier = Tier.LIMITED if tier is Tier.RESTRICTED else Tier.RESTRICTED
                for one in (restricted, limited):
                    kept = made.node.store.release_decisions.get(one.id)
                    assert kept is not None
                    state = ReleaseState.IN_FORCE if one.tier is tier else ReleaseState.PROPOSED
                    made.node.store.release_decisions.move(
                        msgspec.structs.replace(kept, state=state), was=kept
                    )
            case 3:
                made.node.admission.tick()
        truth.append((now, tier is Tier.LIMITED or named))
        answer = granted(made)
        # so at some moment since then: what held when it began, and every change after
        began = max(place for place, (since, _) in enumerate(truth) if since <= max(now - STALE_SECONDS, 0.0))
        recent = {may for _, may in truth[began:]}
        assert answer in recent
        kinds.add((answer, answer == truth[-1][1]))
    assert {(True, True), (False, True)} <= kinds


@pytest.mark.parametrize("end", ["grant", "release"])
def test_what_ends_by_itself_ends_at_its_moment(copied: Made, end: str) -> None:
    made = copied
    put_in_force(made, released(Tier.RESTRICTED))
    grant(made, days=1 if end == "grant" else 365)
    assert granted(made)
    made.node.admission.tick()
    made.now = made.now.replace(year=2027, month=2, day=28, hour=23) if end == "release" else made.now
    later(made, 86_399 if end == "grant" else 3_599)
    assert granted(made)
    later(made, 1)
    assert not granted(made)


def test_a_clock_that_goes_back_and_a_store_that_fails_grant_nothing_old(copied: Made) -> None:
    made = copied
    put_in_force(made, released(Tier.RESTRICTED))
    given = grant(made)
    assert granted(made)
    made.node.admitting.revoke(made.node.access.operator(), given.id, "it was used to defraud")
    later(made, -60)
    assert not granted(made)
    later(made, 120)
    broken = OperationalError("", {}, Exception("gone"))
    with (
        patch.object(type(made.node.store.admission), "marks", side_effect=Unavailable(str(broken))),
        pytest.raises(Unavailable),
    ):
        granted(made)


def test_a_policy_file_that_changes_counts_and_one_that_cannot_be_read_closes(copied: Made) -> None:
    made = copied
    put_in_force(made, released(Tier.LIMITED))
    assert granted(made)
    folder = made.node.data / "policies" / "admission"
    folder.mkdir(parents=True)
    own = folder / "own.cedar"
    own.write_text('@id("ours.shut") @says("closed for the holidays") forbid (principal, action, resource);')
    later(made, STALE_SECONDS)
    answer = made.node.admission.answered(ASKED).answer
    assert [(one.rule, one.says) for one in answer.reasons] == [("ours.shut", "closed for the holidays")]
    (finding,) = [one for one in examine(made.node) if one.name == "access"]
    assert not finding.ok
    assert "refused to everybody by ours.shut" in finding.detail
    own.write_text('@id("ours.open") permit (principal, action, resource);')
    later(made, STALE_SECONDS)
    answer = made.node.admission.answered(ASKED).answer
    assert [one.rule for one in answer.reasons] == ["admission.policies-unreadable"]
    own.unlink()
    later(made, STALE_SECONDS)
    assert granted(made)


def test_every_refusal_and_what_obliges_is_counted_without_who_it_was(copied: Made) -> None:
    made = copied
    put_in_force(made, released(Tier.STAGED_API))
    for _ in range(5):
        assert not granted(made)
    rows = made.node.store.admission.counted()
    assert [(one.granted, one.rules, one.count) for one in rows] == [
        (False, ("admission.nobody-to-count",), 1)
    ]
    made.node.admission.flush()
    (row,) = made.node.store.admission.counted()
    assert (row.count, row.artefact, row.capability) == (5, ARTEFACT, "chat")
    assert b"ps_ada" not in msgspec.json.encode(row)
    grant(made, vouches=VerificationLevel.EMAIL)
    later(made, STALE_SECONDS)
    assert granted(made)
    allowed = next(one for one in made.node.store.admission.counted() if one.granted)
    assert allowed.obligations == ("log", "limit-rate")


def test_nothing_is_written_of_what_is_open_to_all(copied: Made) -> None:
    put_in_force(copied, released(Tier.OPEN_WEIGHTS))
    assert granted(copied)
    assert copied.node.store.admission.counted() == ()


def test_what_a_capability_asks_is_asked_besides(copied: Made) -> None:
    made = copied
    put_in_force(made, released(Tier.OPEN_WEIGHTS))
    operator = made.node.access.operator()
    made.node.admitting.ask_of(operator, ARTEFACT, "chat", least=VerificationLevel.EMAIL, labelled=True)
    answer = made.node.admission.explain(operator, ASKED)
    assert [one.rule for one in answer.reasons] == ["admission.least-level"]
    assert [[one.values["level"] for one in way] for way in answer.change] == [["e-mail"]]
    assert granted(made, msgspec.structs.replace(ASKED, capability="search"))
    assert made.node.store.admission.counted() == ()


def test_who_may_not_gives_asks_or_revokes_nothing(copied: Made) -> None:
    made = copied
    operator = made.node.access.operator()
    put_in_force(made, released(Tier.RESTRICTED))
    made.node.access.add_user(operator, "cy", (Role.ANALYST,))
    analyst = made.node.access.operator("cy")
    source = made.node.access.authenticate(gateway(made))
    assert source is not None
    with pytest.raises(NotAllowed):
        made.node.admission.decide(analyst, ASKED)
    with pytest.raises(NotAllowed):
        made.node.admission.explain(source, ASKED)
    with pytest.raises(NotAllowed):
        made.node.admitting.grant(
            source, "ps_ada", ARTEFACT, purpose="teaching", days=3, reason="for a course"
        )
    assert not made.node.admission.decide(source, ASKED).granted
    for wrong in (
        {"days": 366},
        {"purpose": ""},
        {"purpose": "Not A Word"},
        {"reason": "no"},
        {"evidence": ""},
        {"vouches": VerificationLevel.NONE},
        {"evidence": "passport 123"},
        {"capability": "a b"},
    ):
        with pytest.raises(BadInput):
            grant(made, **wrong)
    given = grant(made)
    made.node.admitting.revoke(operator, given.id, "the course is over")
    with pytest.raises(Conflict):
        made.node.admitting.revoke(operator, given.id, "the course is over")
    with pytest.raises(NotFound):
        made.node.admitting.revoke(operator, "grant_0", "the course is over")


def test_a_model_that_nobody_decided_on_goes_to_nobody(copied: Made) -> None:
    for model in (ARTEFACT, "no-such-model"):
        answer = copied.node.admission.answered(msgspec.structs.replace(ASKED, model=model)).answer
        assert [one.rule for one in answer.reasons] == ["admission.no-release"]


def test_the_same_bytes_are_answered_from_memory_as_long_as_it_holds(copied: Made) -> None:
    made = copied
    put_in_force(made, released(Tier.LIMITED))
    asked = body()
    assert made.node.admission.held(asked) is None
    said = made.node.admission.read(asked)
    assert made.node.admission.held(asked) == said
    later(made, STALE_SECONDS)
    assert made.node.admission.held(asked) is None
    made.node.admission.tick()
    assert made.node.admission.held(asked) == said
