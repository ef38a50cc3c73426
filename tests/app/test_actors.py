"""A look at the accounts under a warning: for a purpose, in the audit, by what they did and never by who they are."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.app.test_watch import dated, take
from tests.console import a_warning
from tests.fixtures import Made
from tocsin.app.actors import OPEN, SHOWN, Look
from tocsin.correlate.actors import Form
from tocsin.kernel import BadInput, Caller, NotAllowed, NotFound, Role, Warning, WarningKind, micros
from tocsin.taxonomy.packs import shipped_packs

PURPOSE = "to judge this warning"


def with_shared(made: Made, **changed: Any) -> str:
    """The world of tests; its campaign's accounts share two devices and a card as well."""
    rows = [json.loads(line) for line in dated(made).splitlines()]
    for number, row in enumerate(rows):
        if row["actor"].startswith("newcomer"):
            row["observables"] += [
                {"type": "device", "value": f"device {number % 2}"},
                {"type": "payment", "value": "card 4000"},
            ]
        row.update(changed)
    return "\n".join(json.dumps(row) for row in rows)


def shipped_phrase() -> str:
    """One that rings by itself."""
    (pack,) = (pack for pack in shipped_packs() if pack.id == "lottery-refund")
    return pack.phrases["en"][0]


def found(made: Made, text: str) -> Warning:
    take(made, text)
    (warning,) = made.node.watch.tick()
    return warning


def look(made: Made, warning: Warning) -> Look:
    return made.node.actors.look(made.node.access.operator(), warning.id, PURPOSE)


def test_a_look_finds_the_warnings_accounts_again_and_what_ties_them(made: Made) -> None:
    warning = found(made, with_shared(made))
    seen = look(made, warning)
    assert (seen.accounts, seen.sampled, seen.picture.alone) == (12, 12, 0)
    (cluster,) = seen.picture.clusters
    assert {tie.type for tie in cluster.ties} == {"device", "payment"}
    assert cluster.profile.form is Form.GROUP
    assert all(account.name.startswith("ps_") for account in cluster.accounts)


def test_compaction_changes_nothing(made: Made) -> None:
    warning = found(made, with_shared(made))
    before = look(made, warning).picture
    made.node.store.events.compact()
    assert look(made, warning).picture == before


def test_a_look_is_audited_with_its_purpose_before_and_its_counts_after(made: Made) -> None:
    warning = found(made, with_shared(made))
    assert made.node.actors.looked() == {}
    look(made, warning)
    look(made, warning)
    by = made.node.access.operator().user
    opened = made.node.store.audit.read(act=OPEN)
    assert {(row.who, row.subject, row.purpose) for row in opened} == {(by, warning.id, PURPOSE)}
    shown = made.node.store.audit.read(act=SHOWN)[0]
    assert {name: shown.detail[name] for name in ("accounts", "clusters", "tied", "from_outside")} == {
        "accounts": 12,
        "clusters": 1,
        "tied": 12,
        "from_outside": 0,
    }
    assert made.node.actors.looked()[warning.id].times == 2


@pytest.mark.parametrize("purpose", ["", "   ", "why", "x" * 401])
def test_no_purpose_shows_nothing(made: Made, purpose: str) -> None:
    warning = found(made, with_shared(made))
    with pytest.raises(BadInput, match="purpose"):
        made.node.actors.look(made.node.access.operator(), warning.id, purpose)
    assert made.node.store.audit.read(act=OPEN) == ()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.SOURCE, Role.PEER])
def test_other_roles_look_at_no_account(made: Made, role: Role) -> None:
    warning = found(made, with_shared(made))
    with pytest.raises(NotAllowed):
        made.node.actors.look(Caller(user="u", name="n", roles=frozenset({role})), warning.id, PURPOSE)


def test_no_warning_no_look(made: Made) -> None:
    with pytest.raises(NotFound):
        made.node.actors.look(made.node.access.operator(), "none", PURPOSE)


def test_a_trend_reaches_no_profile(made: Made) -> None:
    warning = a_warning(now=made.now, kind=WarningKind.TREND)
    made.node.store.warnings.upsert(warning)
    with pytest.raises(BadInput):
        look(made, warning)


def test_other_warnings_are_looked_at_through_their_samples(made: Made) -> None:
    take(made, with_shared(made))
    samples = tuple(
        row["id"]
        for batch in made.node.store.events.batches()
        for row in batch.to_pylist()
        if row["observables"]
    )[:4]
    now = micros(made.now)
    warning = a_warning(now=made.now, kind=WarningKind.RULE, samples=samples, last_seen=now)
    made.node.store.warnings.upsert(warning)
    assert look(made, warning).accounts == 4


def test_a_phrase_warnings_accounts_are_those_of_whom_the_rule_spoke(made: Made) -> None:
    phrase = shipped_phrase()
    rows = [json.loads(line) for line in with_shared(made).splitlines()]
    for row in rows[:3]:
        row["text"] = f"he said: {phrase}, and we laughed"
    take(made, "\n".join(json.dumps(row) for row in rows))
    made.node.watch.tick()
    (warning,) = made.node.store.warnings.list(kind=WarningKind.PHRASE)
    seen = look(made, warning)
    assert seen.accounts == warning.actors == len({row["actor"] for row in rows[:3]})
    assert seen.picture.clusters == ()
    assert seen.picture.people is not None
    assert seen.picture.people.harmless_likelier


@pytest.mark.parametrize("changed", [{"lang": "mn"}, {"lang": "ar"}, {"attributes": {"country": "XX"}}])
def test_neither_language_nor_place_moves_a_profile(made: Made, changed: dict[str, Any]) -> None:
    plain = look(made, found(made, with_shared(made))).picture
    other = Made(made.node.data.parent / "other", made.now)
    try:
        moved = look(other, found(other, with_shared(other, **changed))).picture
        (one,), (two,) = plain.clusters, moved.clusters
        assert one.profile == two.profile
        assert [(tie.type, len(tie.warned), tie.weight) for tie in one.ties] == [
            (tie.type, len(tie.warned), tie.weight) for tie in two.ties
        ]
    finally:
        other.node.close()


def test_an_identifier_on_an_exclusion_list_ties_nobody(made: Made) -> None:
    lists = made.node.data / "exclusions"
    lists.mkdir()
    listed = {
        "name": "ours",
        "version": 1,
        "type": "string",
        "description": "a shared card",
        "list": ["card4000"],
    }
    (lists / "ours.json").write_text(json.dumps(listed))
    seen = look(made, found(made, with_shared(made)))
    assert seen.excluded == 1
    assert {tie.type for tie in seen.picture.clusters[0].ties} == {"device"}


def test_what_is_past_retention_is_in_no_look(made: Made) -> None:
    warning = found(made, with_shared(made))
    made.node.store.events.expire(
        events_before=micros(made.now + timedelta(days=1)), sealed_days_before="2000-01-01"
    )
    seen = look(made, warning)
    assert (seen.accounts, seen.picture.found, seen.picture.clusters) == (0, 0, ())
