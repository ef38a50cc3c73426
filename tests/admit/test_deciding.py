"""What is granted, by which rules, what would change it, and that no world grants what the release decision forbids."""

from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from tests.admission import released
from tests.admit import worlds
from tests.admit.worlds import granted, policies, wrong
from tests.gate.making import ARTEFACT
from tocsin.admit import (
    GENERATED,
    Ruled,
    asking,
    contradictions,
    decide,
    generated,
    generating,
    without_release,
)
from tocsin.admit import words as said_words
from tocsin.kernel import BadInput
from tocsin.kernel import admission as nouns
from tocsin.kernel.admission import AccessAct, AccessQuestion, ObligationKind, Subject, SubjectStanding
from tocsin.kernel.release import Tier
from tocsin.trust import admission_policy
from tocsin.trust.admission_policy import AdmissionPolicies, admission_schema, admission_texts

SEEDS = 120

ASKED = AccessQuestion(artefact=ARTEFACT, capability="chat", act=AccessAct.USE, purpose="teaching")
MET = msgspec.structs.replace(ASKED, level=4, purposes=("teaching",), granted=True, terms=True)


def ruled(tier: Tier, *conditions: str, own: str = "", overlay: str = "") -> Ruled:
    release = released(tier, *conditions)
    attributes = ("service_country",) if overlay else ()
    made = policies(own, overlay, generated(release))
    return Ruled(release, made, ("law",) if overlay else (), attributes=attributes)


def test_no_world_grants_what_the_release_decision_forbids() -> None:
    assert [(seed, why) for seed in range(SEEDS) if (why := wrong(seed)) is not None] == []
    assert sum(granted(seed) for seed in range(SEEDS)) > SEEDS // 2


def _clause(rule: str) -> dict[str, tuple[str, str]]:
    return {name: pair for name, pair in generating.RULES.items() if pair[0] != rule}


def _still(subject: Subject, now: int) -> nouns.VerificationLevel:
    return max((one.level for one in subject.held), key=nouns.LEVELS.index, default=nouns.LEVELS[0])


def _all(grants: Any, artefact: str, now: int) -> Any:
    return tuple(grants)


MUTANTS: dict[str, tuple[Any, str, Any]] = {
    "identity": (generating, "RULES", _clause("identity-not-verified")),
    "terms": (generating, "RULES", _clause("terms-not-accepted")),
    "somebody to count": (generating, "RULES", _clause("nobody-to-count")),
    "named": (generating, "_NAMED", (generating._NAMED[1],)),
    "vetted": (generating, "_NAMED", (generating._NAMED[0],)),
    "weights stay": (generating, "ACTS", dict.fromkeys(Tier, tuple(AccessAct))),
    "api only": (generating, "API_ONLY", "api-for-ever"),
    "conditions of the tier": (generating, "CONDITIONS", dict.fromkeys(Tier, ())),
    "conditions of the decision": (generating, "conditions_of", lambda one: generating.CONDITIONS[one.tier]),
    "grants that ended": (asking, "in_force", _all),
    "levels that ended": (Subject, "level", _still),
    "purpose of a grant": (asking, "_names", lambda grant, request: True),
}
"""What is held twice is not among them: an own rule that permits, were it read, would open nothing, as each act that a
tier does not leave has a forbid of its own.
"""


@pytest.mark.parametrize("part", MUTANTS)
def test_a_part_less_is_noticed(part: str) -> None:
    where, name, instead = MUTANTS[part]
    with patch.object(where, name, instead):
        assert any(wrong(seed) is not None for seed in range(4 * SEEDS))


@pytest.mark.parametrize("rule", ["standing", "no-person-in-the-loop"])
def test_a_forbid_less_is_noticed(rule: str) -> None:
    def without(own: str, overlay: str, text: str) -> AdmissionPolicies:
        made = policies(own, overlay, text)
        name = f"admission.{rule}"
        return made.without(name) if name in made.rules else made

    with patch.object(worlds, "policies", without):
        assert any(wrong(seed) is not None for seed in range(4 * SEEDS))


def test_each_tier_leaves_what_it_leaves() -> None:
    left = {tier: [act for act in AccessAct if _with(ruled(tier), act=act)] for tier in Tier}
    assert left == {
        Tier.WITHHELD: [],
        Tier.RESTRICTED: [AccessAct.USE, AccessAct.OPERATE],
        Tier.STAGED_API: [AccessAct.USE, AccessAct.OPERATE],
        Tier.LIMITED: list(AccessAct),
        Tier.OPEN_WEIGHTS: list(AccessAct),
    }
    assert not _with(ruled(Tier.LIMITED, "api-only"), act=AccessAct.DOWNLOAD)
    assert not _with(ruled(Tier.OPEN_WEIGHTS), artefact="cd" * 32)
    nobody = msgspec.structs.replace(ASKED, standing=SubjectStanding.REVOKED)
    assert decide(nobody, ruled(Tier.OPEN_WEIGHTS)).granted


def _with(rules: Ruled, **changes: Any) -> bool:
    return decide(msgspec.structs.replace(MET, **changes), rules).granted


def test_a_refusal_says_why_and_the_least_that_would_change_it() -> None:
    answer = decide(ASKED, ruled(Tier.RESTRICTED))
    assert [one.rule.partition(".")[2] for one in answer.reasons] == [
        "identity-not-verified",
        "not-named",
        "not-vetted",
        "terms-not-accepted",
    ]
    assert [[one.id for one in way] for way in answer.change] == [["vetting", "grant", "terms"]]
    assert [(one.kind, one.values["level"]) for one in answer.obligations] == [
        (ObligationKind.STEP_UP, "vetted")
    ]
    staged = decide(ASKED, ruled(Tier.STAGED_API))
    assert [[(one.id, *one.values.values()) for one in way] for way in staged.change] == [
        [("verify", "e-mail"), ("terms",)]
    ]
    assert decide(MET, ruled(Tier.WITHHELD)).change == ()
    assert without_release().reasons[0].rule == "admission.no-release"
    suspended = msgspec.structs.replace(MET, standing=SubjectStanding.SUSPENDED)
    assert [[one.id for one in way] for way in decide(suspended, ruled(Tier.LIMITED)).change] == [["appeal"]]


@pytest.mark.parametrize("tier", list(Tier))
def test_what_would_change_it_does_and_no_part_of_it_alone(tier: Tier) -> None:
    facts: dict[str, dict[str, Any]] = {
        "vetting": {"purposes": ("teaching",), "level": 4},
        "grant": {"granted": True},
        "terms": {"terms": True},
        "human-control": {"control": "shown"},
        "verify": {"level": 1},
    }
    asked, rules = msgspec.structs.replace(ASKED, human=True), ruled(tier)
    for way in decide(asked, rules).change:
        brought = [facts[one.id] for one in way]
        for left in (None, *range(len(brought))):
            given = {
                name: value
                for place, one in enumerate(brought)
                if place != left
                for name, value in one.items()
            }
            assert decide(msgspec.structs.replace(asked, **given), rules).granted is (left is None)


def test_what_is_granted_obliges() -> None:
    asked = msgspec.structs.replace(MET, labelled=True, human=True, control="shown")
    answer = decide(asked, msgspec.structs.replace(ruled(Tier.STAGED_API), labels=("a-law/label",)))
    assert [one.kind.value for one in answer.obligations] == [
        "log",
        "limit-rate",
        "label-output",
        "label-output",
        "human-in-the-loop",
    ]
    assert decide(MET, ruled(Tier.OPEN_WEIGHTS)).obligations == ()


def test_an_overlay_that_is_on_is_in_every_answer_and_its_rule_names_it() -> None:
    rules = ruled(Tier.OPEN_WEIGHTS, overlay=worlds.OVERLAYS[1])
    here = msgspec.structs.replace(MET, overlay=(("service_country", "YY"),))
    there = msgspec.structs.replace(MET, overlay=(("service_country", "XX"),))
    assert (decide(here, rules).granted, decide(here, rules).overlays) == (True, ("law",))
    refused = decide(there, rules)
    assert (refused.granted, refused.reasons[0].overlay, refused.change) == (False, "law", ())
    assert decide(MET, ruled(Tier.OPEN_WEIGHTS)).overlays == ()


def test_forbid_wins_and_a_contradiction_is_told() -> None:
    shut = '@id("ours.shut") forbid (principal, action, resource);'
    at_odds = (
        '@id("ours.only") forbid (principal, action, resource) unless { context.purpose == "teaching" };'
        '@id("ours.never") forbid (principal, action, resource) when { context.purpose == "teaching" };'
    )
    assert not decide(MET, ruled(Tier.OPEN_WEIGHTS, own=shut)).granted
    (use, _) = contradictions(ruled(Tier.STAGED_API, own=shut))
    assert use == "use is left by the release decision and refused to everybody by ours.shut"
    assert len(contradictions(ruled(Tier.LIMITED, own=at_odds))) == len(AccessAct)
    assert "ours.never, ours.only" in contradictions(ruled(Tier.LIMITED, own=at_odds))[0]
    assert contradictions(ruled(Tier.RESTRICTED, own=worlds.OWN[2])) == ()
    assert contradictions(ruled(Tier.WITHHELD, own=shut)) == ()
    assert contradictions(ruled(Tier.LIMITED, overlay=worlds.OVERLAYS[1])) == ()


@pytest.mark.parametrize(
    ("own", "why"),
    [
        (worlds.OWN[3], "holds a permit"),
        (worlds.OWN[5], "does not begin like that"),
        (worlds.OWN[6], "two_person"),
        (
            '@id("ours.x") forbid (principal, action, resource) when { context.nationality == "XX" };',
            "schema",
        ),
        ('@id("ours.x") forbid (principal, action, resource) when { principal.name == "X" };', "schema"),
        ('@id("ours.x") forbid (principal, action, resource) when { context.language == "xx" };', "schema"),
    ],
)
def test_an_own_rule_that_opens_or_reads_what_it_may_not_is_refused(
    own: str, why: str, tmp_path: Any
) -> None:
    (tmp_path / "own.cedar").write_text(own)
    with pytest.raises(BadInput, match=why):
        admission_texts(tmp_path)


def test_an_overlay_reads_what_it_says_and_nothing_that_nobody_may_ask() -> None:
    where = worlds.OVERLAYS[1]
    with pytest.raises(BadInput, match="schema"):
        admission_policy.overlay_text("law", where, ("nationality",))
    with pytest.raises(BadInput, match="cannot ask for"):
        admission_policy.overlay_text("law", where, ("name",))
    with pytest.raises(BadInput, match="begins with"):
        admission_policy.overlay_text("other", where, ("service_country",))
    with pytest.raises(BadInput, match="permit"):
        admission_policy.overlay_text("law", worlds.OVERLAYS[2], ())


def test_every_rule_has_its_sentence_in_both_languages() -> None:
    rules = {
        rule
        for tier in Tier
        for rule in AdmissionPolicies(
            {**admission_texts(), GENERATED: generated(released(tier, *worlds.CONDITIONS))},
            admission_schema(),
        ).rules
    }
    assert rules <= set(said_words.sentences())
    assert all(one.en and one.zh for one in said_words.sentences().values())


def test_a_release_decision_of_no_artefact_grants_nothing() -> None:
    with pytest.raises(BadInput, match="names no artefact"):
        generated(released(Tier.OPEN_WEIGHTS, artefact='" || true'))
