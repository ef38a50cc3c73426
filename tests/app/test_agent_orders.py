"""A guard's word on what a tool brought back: with the call that obeyed it rings, and in no other case.

The endpoint speaks as a guard model does over real sockets, and **is no model**: it flags what a test names.
"""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from benchmarks.agent_held import held, orders
from tests import hostile_peer
from tests.app.test_guards import UNKNOWN, WRONG
from tests.app.test_judged import RIGHT, bear_out
from tests.console import a_warning
from tests.fixtures import Made
from tests.guard_model import says
from tests.hostile_peer import HostilePeer, Script
from tocsin.app import lookouts
from tocsin.app.guard_words import REFRESH_US
from tocsin.app.guards import Guards
from tocsin.cli.guards import guards as guards_command
from tocsin.correlate.agent_orders import JUDGED
from tocsin.kernel import EventLine, Kind, Warning, WarningKind, WarningStatus
from tocsin.kernel.events import TOOL_RESULT
from tocsin.taxonomy.guard_files import of_results

pytestmark = pytest.mark.net
PAGE, TASK = next(orders("en"))
ASKED, CALL = held()["requests"]["en"]["others"], held()["calls"][TASK]
"""Freely worded: no list of words knows it. The person asked for something else to be done, of somebody else."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookouts, "LOOK_ANYWAY_SECONDS", 0.0)


def judge(text: str) -> str:
    return "Safety: Unsafe\nCategories: Jailbreak" if PAGE in text else "Safety: Safe\nCategories: None"


def session(
    made: Made, *, name: str = "s1", page: str = PAGE, call: list[str] = CALL, lang: str | None = "en"
) -> None:
    """A person asks, a tool brings a page, and the agent makes one more call."""
    steps: tuple[tuple[Kind, str | None, str, dict[str, object]], ...] = (
        (Kind.MODEL_CALL, None, ASKED, {}),
        (Kind.TOOL_CALL, "read", '{"folder": "inbox"}', {TOOL_RESULT: page}),
        (Kind.TOOL_CALL, call[0], call[1], {TOOL_RESULT: "done"}),
    )
    accepted = made.node.acceptor.accept(
        [
            EventLine(
                id=f"{name}-{number}",
                time=made.now - timedelta(minutes=9 - number),
                source="desk",
                kind=kind,
                actor="agent of desk",
                text=text,
                session=name,
                tool=tool,
                lang=lang,
                attributes=attributes,
            )
            for number, (kind, tool, text, attributes) in enumerate(steps)
        ]
    )
    assert accepted.accepted == len(steps)


def named(made: Made, url: str, *lines: str) -> Guards:
    """The node's guard, as an operator names it."""
    folder = made.node.data / "guards"
    folder.mkdir(exist_ok=True)
    settings = (
        f"url: {url}v1",
        "template: qwen3guard",
        "allow_private: true",
        "timeout_seconds: 0.3",
        *lines,
    )
    (folder / "mine.yaml").write_text("\n".join(settings), "utf-8")
    return made.node.guards


def asked(made: Made, script: Script | None = None, *lines: str) -> None:
    with HostilePeer(script or says(judge)) as endpoint:
        named(made, endpoint.url, *(lines or ("results: true",))).tick()


def rung(made: Made) -> tuple[Warning, ...]:
    """What the lookouts found by now."""
    made.now += timedelta(microseconds=REFRESH_US)
    made.node.lookouts.tick()
    return tuple(one for one in made.node.store.warnings.list() if one.kind is WarningKind.AGENT)


def test_an_order_that_no_list_knows_rings_when_it_was_obeyed(made: Made) -> None:
    session(made)
    asked(made)
    assert rung(made) == (), "nobody bore it out"
    bear_out(made, *RIGHT)
    (one,) = rung(made)
    assert [reason.code for reason in one.reasons] == ["agent.obeyed", JUDGED]
    assert one.reasons[1].values["guard"] == "mine"
    assert one.samples == ("s1-1", "s1-2")

    node = made.node
    node.watch.tick()
    assert {found.kind for found in node.store.warnings.list()} == {WarningKind.AGENT, WarningKind.CAMPAIGN}
    assert {found.id for found in node.store.warnings.list() if found.kind is WarningKind.CAMPAIGN} == {
        a_warning(number, now=made.now).id for number in (1, 2)
    }, "those that people decided before: nothing is said of the account whose agent it was"
    assert not any(event.startswith("s1") for event in node.guard_words())
    assert node.store.conversations.count() == 0


def test_a_verdict_without_the_call_that_obeyed_rings_nothing(made: Made) -> None:
    session(made, call=["list_files", "{}"])
    session(made, name="s2", page="Choir board. The door is open.")
    asked(made)
    bear_out(made, *RIGHT)
    assert rung(made) == ()


def _unproven(made: Made) -> None:
    asked(made)


def _other_language(made: Made) -> None:
    asked(made)
    bear_out(made, *RIGHT, lang="fr")


def _disagreed(made: Made) -> None:
    asked(made)
    bear_out(made, 30, 30, 30, 30)


def _clean(made: Made) -> None:
    asked(made, says(lambda text: "Safety: Safe\nCategories: None"))
    bear_out(made, *RIGHT)


def _another_label(made: Made) -> None:
    asked(made, says(lambda text: "Safety: Unsafe\nCategories: Violent"))
    bear_out(made, *RIGHT)


def _not_asked(made: Made) -> None:
    asked(made, None, "results: false")
    bear_out(made, *RIGHT)


def _found_harmless(made: Made) -> None:
    asked(made)
    bear_out(made, *RIGHT)
    status = WarningStatus.DISMISSED
    made.node.store.warnings.upsert(a_warning(9, now=made.now, samples=("s1-1",), status=status))


@pytest.mark.parametrize(
    "why", [_unproven, _other_language, _disagreed, _clean, _another_label, _not_asked, _found_harmless]
)
def test_nor_one_that_people_do_not_bear_out(made: Made, why: Callable[[Made], None]) -> None:
    session(made)
    why(made)
    assert rung(made) == ()


@pytest.mark.parametrize("case", sorted(WRONG))
def test_a_guard_that_is_down_slow_or_lies_leaves_it_unknown_and_is_asked_again(
    made: Made, case: str
) -> None:
    session(made)
    script, why = WRONG[case]
    with HostilePeer(script) as endpoint:
        at_work = named(made, endpoint.url, "results: true")
        at_work.tick()
        bear_out(made, *RIGHT)
        assert rung(made) == ()
        (guard,) = (of_results(line.guard) for line in at_work.lines)
        (said,) = [one for one in made.node.store.verdicts.of(["s1-1"]) if one.version == guard.version]
        assert (said.outcome, said.why in {why, "breaker"}) == (UNKNOWN, True)
        endpoint.script = says(judge)
        for _ in range(12):  # as hours would, until the breaker closes
            for line in at_work.lines:
                line._shut_until = 0.0
            made.now += timedelta(hours=7)
            at_work.tick()
    assert [one.reasons[1].code for one in rung(made)] == [JUDGED]


def test_what_a_tool_brought_is_no_word_on_the_account(made: Made) -> None:
    """Three accounts' agents read the page: of what an account writes that would be a warning."""
    for number in range(4):
        session(made, name=f"s{number}")
    with HostilePeer(says(judge)) as endpoint:
        at_work = named(made, endpoint.url, "results: true")
        assert at_work.tick() == ()
        sent = [one for one in endpoint.asked if "Choir board" in one.body.decode()]
        assert len(sent) == 1, "equal results are asked once a day"
        assert len(endpoint.asked) == 4, "of results that bring a name: the page, and three texts"
    version = of_results(at_work.lines[0].guard).version
    found = made.node.store.verdicts.flagged({version}, since=0)
    assert {one.event for one in found} == {f"s{number}-1" for number in range(4)}
    assert made.node.guard_words.flagged(since=0) == (), "however many, they crowd out nothing"


def test_results_are_within_what_may_be_asked(made: Made) -> None:
    for number in range(3):
        session(made, name=f"s{number}", page=f"{PAGE} It is page {number}.")
    with HostilePeer(says(judge)) as endpoint:
        at_work = named(made, endpoint.url, "results: true", "requests_a_minute: 5")
        at_work.tick()
        assert len(endpoint.asked) == 4, "three texts and the page: the next text comes with the next page"
    kept = made.node.store.verdicts.of([f"s{n}-{step}" for n in range(3) for step in range(3)])
    assert {one.event for one in kept} == {"s0-0", "s0-1", "s0-2", "s1-0"}
    assert UNKNOWN not in {one.outcome for one in kept}


def test_a_decided_warning_about_an_agent_does_not_count_for_or_against_a_guard(made: Made) -> None:
    session(made)
    asked(made)
    bear_out(made, *RIGHT)
    (one,) = rung(made)
    guard = made.node.guards.lines[0].guard
    before = made.node.sampling.agreements(guard.name, guard.version)
    confirmed = msgspec.structs.replace(one, status=WarningStatus.CONFIRMED)
    made.node.store.warnings.upsert(confirmed)
    assert made.node.store.warnings.list(status=WarningStatus.CONFIRMED)
    assert made.node.sampling.agreements(guard.name, guard.version) == before


def test_a_destroyed_day_is_asked_no_more(made: Made) -> None:
    session(made)
    with HostilePeer(hostile_peer.silence) as endpoint:
        at_work = named(made, endpoint.url, "results: true")
        at_work.tick()
        made.node.keys.destroy_before(made.now.date() + timedelta(days=1))
        made.now += timedelta(hours=7)
        at_work.lines[0]._shut_until = 0.0
        for _ in range(4):
            at_work.tick()
    assert {one.why for one in made.node.store.verdicts.of(["s1-0", "s1-1", "s1-2"])} == {"gone"}


def test_the_command_counts_results_apart(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    session(made)
    asked(made)
    guards_command(made.node.data)
    said = capsys.readouterr().out
    assert "0 flagged, 3 clean" in said.replace("  ", "")
    assert "of tools' results 1 flagged, 0 clean" in said
