"""The release policies: what they say in words, and that each rule is the only thing that closes its own case."""

from pathlib import Path

import pytest

from tocsin.kernel import BadInput
from tocsin.kernel.release import OPENNESS, Tier
from tocsin.trust.release_policy import ReleasePolicies, ReleaseQuestion
from tocsin.trust.release_tests import ReleaseOutcome, ordinary, release_tests, run_release_tests

POLICIES = ReleasePolicies.load()


def test_they_say_what_is_written_beside_them() -> None:
    outcomes = run_release_tests(POLICIES, release_tests())
    assert [(one.test.name, one.failed) for one in outcomes if one.failed] == []
    assert {rule for one in outcomes for rule in one.rules} == set(POLICIES.by_id)


def test_without_any_one_rule_something_opens() -> None:
    """Each test that one rule alone decides goes further without it, and no further than the others leave."""
    alone: dict[str, ReleaseOutcome] = {}
    for outcome in run_release_tests(POLICIES, release_tests()):
        if len(outcome.rules) == 1:
            alone.setdefault(outcome.rules[0], outcome)
    shared = {"release.nothing-measured"}  # no permit speaks then either; the rule says it in words
    assert set(alone) | shared == set(POLICIES.by_id)
    for rule in set(alone) - shared:
        outcome = alone[rule]
        further = POLICIES.without(rule).how_far(ordinary(**outcome.test.release)).tier
        assert OPENNESS.index(further) > OPENNESS.index(outcome.tier), rule


def test_every_rule_says_what_it_reads_and_an_exemption_lifts_exactly_what_says_so() -> None:
    for rule in POLICIES.by_id.values():
        assert rule.says
        assert rule.reads in ReleaseQuestion.__struct_fields__
        assert not (rule.veto and rule.exemptible)
    for test in release_tests():
        before = POLICIES.how_far(ordinary(**test.release))
        for name in before.most:
            question = ordinary(**test.release | {"exempt": [name]})
            assert (name not in POLICIES.how_far(question).most) == POLICIES.by_id[name].exemptible, name


def test_nothing_known_opens_nothing() -> None:
    assert POLICIES.how_far(ReleaseQuestion()).tier is Tier.WITHHELD


def test_an_own_rule_closes_and_one_that_would_only_ask_is_refused(tmp_path: Path) -> None:
    open_to_all = next(
        question
        for question in (ordinary(**test.release) for test in release_tests())
        if POLICIES.how_far(question).tier is Tier.OPEN_WEIGHTS
    )
    rule = 'forbid (principal, action == Action::"release.go-out", resource) when { resource.openness > 0 };'
    file = tmp_path / "ours.cedar"
    file.write_text(f'@id("ours.nothing") {rule}')
    assert ReleasePolicies.load(tmp_path).how_far(open_to_all).tier is Tier.WITHHELD
    file.write_text(f'@id("ours.nothing") @two_person {rule}')
    with pytest.raises(BadInput, match=r"ours\.nothing: only a forbid of share\.release"):
        ReleasePolicies.load(tmp_path)
