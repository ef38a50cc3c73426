"""The life of a rule: a file or an import, shadow, tests, back-test, a person's decision, precision."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures import Made
from tests.sigma_rules import SAYS_REFUND, correlation, rule, uuid_of
from tocsin.app import rule_trials
from tocsin.app.doctor import examine
from tocsin.app.rule_trials import MAX_TEST_EVENTS, try_tests
from tocsin.app.rules import Rules
from tocsin.kernel import (
    BadInput,
    Caller,
    Conflict,
    EventLine,
    Kind,
    NotAllowed,
    NotFound,
    Role,
    RuleState,
    WarningKind,
    WarningStatus,
)

WHY = "seen in shadow for a week"


def operator(made: Made) -> Caller:
    return made.node.access.operator()


def rules(made: Made) -> Rules:
    return made.node.rules


def put(made: Made, name: str, text: str) -> Path:
    folder = made.node.data / "rules"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def post(
    made: Made, *texts: str, actors: int = 1, first: int = 0, ago: timedelta = timedelta(hours=1)
) -> None:
    made.node.acceptor.accept(
        [
            EventLine(
                id=f"event-{first + at}",
                time=made.now - ago + timedelta(seconds=at),
                source="forum",
                kind=Kind.POST,
                actor=f"account-{at % actors}",
                text=text,
            )
            for at, text in enumerate(texts)
        ]
    )


def rung(made: Made) -> list[tuple[str, int, int]]:
    made.node.lookouts.tick()
    found = made.node.store.warnings.list(kind=WarningKind.RULE)
    return [(one.key.split()[0], one.actors, one.events) for one in found]


def test_a_file_rings_and_experimental_is_shadow(made: Made) -> None:
    put(made, "a.yml", rule(SAYS_REFUND))
    put(made, "b.yml", rule("selection:\n  text|contains: good day", number=2, more="status: experimental"))
    assert [(one.file, one.kept.state) for one in rules(made).listed()] == [
        ("a.yml", RuleState.ENABLED),
        ("b.yml", RuleState.SHADOW),
    ]
    post(made, "your lottery refund", "good day", actors=2)
    assert rung(made) == [(uuid_of(1), 1, 1)]
    (said,) = rules(made).tallies(uuid_of(2))
    assert (said.state, said.events, said.warnings) == (RuleState.SHADOW, 1, 1)
    assert not [w for w in made.node.store.warnings.list() if w.kind is WarningKind.PHRASE], "told once"


def test_a_bad_file_stops_nothing_and_is_named(made: Made) -> None:
    put(made, "bad.yml", rule("selection:\n  Image: cmd.exe"))
    put(made, "twice.yml", rule(SAYS_REFUND))
    put(made, "zz.yml", rule(SAYS_REFUND))
    post(made, "your lottery refund")
    faults = {one.file: one.fault for one in rules(made).listed()}
    assert "Image" in faults["bad.yml"]
    assert "used twice" in faults["zz.yml"]
    finding = next(one for one in examine(made.node) if one.name == "rules")
    assert not finding.ok
    assert "bad.yml" in finding.detail
    assert rung(made) == [(uuid_of(1), 1, 1)]
    with pytest.raises(BadInput, match="cannot be run"):
        rules(made).set_state(operator(made), "bad.yml", RuleState.ENABLED, why=WHY)


def test_an_imported_rule_waits_in_shadow_for_a_person(made: Made) -> None:
    one = rules(made).add(operator(made), correlation("value_count", SAYS_REFUND, group_by="[source]",
                                                      condition="{gte: 3, field: actor}"))  # fmt: skip
    assert one.kept.state is RuleState.SHADOW
    post(made, *["your lottery refund"] * 6, actors=3)
    assert rung(made) == []
    with pytest.raises(BadInput, match="why"):
        rules(made).set_state(operator(made), one.kept.id, RuleState.ENABLED, why="")
    enabled = rules(made).set_state(operator(made), one.kept.id[:6], RuleState.ENABLED, why=WHY)
    assert enabled.kept.why == WHY
    made.node.lookouts.tick()
    assert rung(made) == [(one.kept.id, 3, 6)], "what was remembered in shadow counts at once"
    rules(made).set_state(operator(made), one.kept.id, RuleState.DISABLED, why=WHY)
    post(made, "your lottery refund", first=50)
    made.node.lookouts.tick()
    assert rung(made) == [(one.kept.id, 3, 6)]
    acts = {row.act for row in made.node.store.audit.read()}
    assert {"rule.add", "rule.enabled", "rule.disabled"} <= acts


def test_a_changed_text_falls_back_to_shadow(made: Made) -> None:
    add = rules(made).add
    one = add(operator(made), rule(SAYS_REFUND))
    rules(made).set_state(operator(made), one.kept.id, RuleState.ENABLED, why=WHY)
    assert add(operator(made), rule("selection:\n  text|contains: refund")).kept.state is RuleState.SHADOW
    put(made, "a.yml", rule(SAYS_REFUND, number=3))
    with pytest.raises(Conflict):
        add(operator(made), rule(SAYS_REFUND, number=3))
    with pytest.raises(BadInput, match="folder"):
        rules(made).remove(operator(made), "a.yml")
    rules(made).remove(operator(made), one.kept.id)
    with pytest.raises(NotFound):
        rules(made).get(one.kept.id)


def test_another_process_notices(made: Made) -> None:
    other = Rules(made.node.store, made.node.data, made.node.access, made.clock)
    assert other.listed() == ()
    one = rules(made).add(operator(made), rule(SAYS_REFUND))
    assert [found.kept.id for found in other.listed()] == [one.kept.id]


def test_who_may(made: Made) -> None:
    made.node.access.add_user(operator(made), "auditor", (Role.AUDITOR,))
    auditor = made.node.access.operator("auditor")
    one = rules(made).add(operator(made), rule(SAYS_REFUND))
    for act in (
        lambda: rules(made).add(auditor, rule(SAYS_REFUND, number=4)),
        lambda: rules(made).set_state(auditor, one.kept.id, RuleState.ENABLED, why=WHY),
        lambda: rules(made).remove(auditor, one.kept.id),
        lambda: made.node.backtesting.run(auditor, one.kept.id, days=3, purpose="curiosity"),
    ):
        with pytest.raises(NotAllowed):
            act()


TESTS = """
- name: three accounts with one wallet ring
  events:
    - {text: Your l0ttery refund, actors: 3, times: 3, every: 10m, observables: [{type: wallet, value: w}]}
  rings: true
- name: two do not
  events:
    - {text: Your lottery refund, actors: 2, times: 9, observables: [{type: wallet, value: w}]}
  rings: false
- name: three in two hours do not
  events:
    - {text: Your lottery refund, actors: 3, times: 3, every: 1h, observables: [{type: wallet, value: w}]}
  rings: false
"""


def test_tests_beside_a_rule(made: Made) -> None:
    text = correlation(
        "value_count", SAYS_REFUND, group_by="[observables.wallet]", condition="{gte: 3, field: actor}"
    )
    put(made, "letters.yml", text)
    put(made, "letters.tests.yaml", TESTS)
    tried = try_tests(rules(made).get("letters.yml"))
    assert [(one.rang, one.passed) for one in tried] == [(True, True), (False, True), (False, True)]
    put(made, "letters.tests.yaml", TESTS.replace("rings: true", "rings: false"))
    put(made, "letters.yml", text + "# changed\n")
    assert [one.passed for one in try_tests(rules(made).get("letters.yml"))] == [False, True, True]


@pytest.mark.parametrize(
    "tests",
    [
        "a: [",
        "- name: x",
        "- {name: x, events: [{txet: y}], rings: true}",
        "- {name: x, events: [{after: soon}], rings: true}",
        f"- {{name: x, events: [{{times: {MAX_TEST_EVENTS + 1}}}], rings: true}}",
    ],
)
def test_a_test_that_is_none(made: Made, tests: str) -> None:
    one = rules(made).add(operator(made), rule(SAYS_REFUND), tests=tests)
    with pytest.raises(BadInput):
        try_tests(one)


def test_no_tests(made: Made) -> None:
    assert rule_trials.tests_of(rules(made).add(operator(made), rule(SAYS_REFUND))) == ()


def test_a_back_test_over_texts_that_came_before_the_rule(made: Made) -> None:
    post(made, *["your lottery refund"] * 4, "good day", actors=2)
    made.node.store.events.compact()
    post(made, "your lottery refund", first=50, ago=timedelta(days=3))
    one = rules(made).add(operator(made), rule(SAYS_REFUND))
    assert rung(made) == []
    found = made.node.backtesting.run(operator(made), one.kept.id, days=10, purpose="is it too wide?")
    assert [(actors, events) for _, actors, events in found.warnings] == [(2, 4), (1, 1)]
    assert (found.read, found.opened, found.truncated) == (6, 6, False)
    assert rules(made).get(one.kept.id).kept.backtest == found
    assert rung(made) == [], "it warns nobody"
    asked = next(row for row in made.node.store.audit.read(act="rule.backtest"))
    assert asked.purpose == "is it too wide?"
    assert asked.detail["opens_texts"] == 1
    short = made.node.backtesting.run(operator(made), one.kept.id, days=1, purpose="is it too wide?")
    assert len(short.warnings) == 1


def test_a_back_test_of_history_opens_nothing(made: Made) -> None:
    post(made, "one", "two")
    one = rules(made).add(
        operator(made),
        correlation(
            "event_count",
            "selection:\n  session|exists: false\n  signals.category|exists: false",
            condition="{gte: 2}",
        ),
    )
    found = made.node.backtesting.run(operator(made), one.kept.id, days=1, purpose="is it too wide?")
    assert (found.read, found.opened, len(found.warnings)) == (2, 0, 1)


@pytest.mark.parametrize(("days", "purpose"), [(0, "a good purpose"), (31, "a good purpose"), (3, "")])
def test_a_back_test_has_bounds_and_a_purpose(made: Made, days: int, purpose: str) -> None:
    one = rules(made).add(operator(made), rule(SAYS_REFUND))
    with pytest.raises(BadInput):
        made.node.backtesting.run(operator(made), one.kept.id, days=days, purpose=purpose)
    assert not made.node.store.audit.read(act="rule.backtest")


def test_destroyed_days_are_not_opened(made: Made) -> None:
    post(made, "your lottery refund")
    made.node.keys.destroy_before(made.now.date() + timedelta(days=1))
    one = rules(made).add(operator(made), rule(SAYS_REFUND))
    assert (
        made.node.backtesting.run(operator(made), one.kept.id, days=3, purpose="a look back").warnings == ()
    )


def test_precision_is_what_people_decided(made: Made) -> None:
    put(made, "a.yml", rule(SAYS_REFUND))
    for number in range(3):
        post(made, "your lottery refund", first=number, ago=timedelta(days=number))
    made.node.lookouts.tick()
    found = made.node.store.warnings.list(kind=WarningKind.RULE)
    assert len(found) == 3
    for warning, verdict in zip(found, [WarningStatus.CONFIRMED, WarningStatus.DISMISSED], strict=False):
        made.node.reviewing.review(
            operator(made),
            warning.id,
            verdict,
            category="fraud.scam",
            statement="looked at it",
            basis="rule 4 of ours",
        )
    precision = rules(made).precisions()[uuid_of(1)]
    assert (precision.confirmed, precision.dismissed, precision.share) == (1, 1, 0.5)
