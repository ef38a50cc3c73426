"""A guard's word in conversations: freely worded ones ring when people bear the guard out, and in no other case.

The endpoint speaks as a guard model does over real sockets, and **is no model**: it flags what a test names.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from benchmarks.session_held import texts
from tests.app.test_conversations import reviewer
from tests.app.test_guards import guards
from tests.console import a_warning
from tests.fixtures import Made
from tests.guard_model import says
from tests.hostile_peer import HostilePeer
from tests.nodes import tocsin
from tocsin.app.views import events_view
from tocsin.correlate.conversations import Standing
from tocsin.correlate.guard_words import LEAST_DECISIONS
from tocsin.kernel import (
    Caller,
    EventLine,
    GuardOutcome,
    GuardVerdict,
    Kind,
    NotFound,
    WarningStatus,
    micros,
)

pytestmark = pytest.mark.net
FREE: Sequence[str] = [text.format(aim=texts()["aims"]["en"]) for text in texts()["building"]["held"]["en"]]
SMALL: Sequence[str] = texts()["small_talk"]["en"]
RIGHT = (LEAST_DECISIONS, 0, 0, LEAST_DECISIONS)


def judge(text: str) -> str:
    return "unsafe\nS2" if any(said in text for said in FREE) else "safe"


def say(
    made: Made, said: Sequence[str], *, session: str = "talk-1", first: int = 0, lang: str = "en"
) -> None:
    made.node.acceptor.accept(
        [
            EventLine(
                id=f"{session}-{number}",
                time=made.now - timedelta(minutes=7 * (20 - number)),
                source="companion",
                kind=Kind.POST,
                actor=f"person of {session}",
                text=text,
                session=session,
                lang=lang,
                attributes={"role": "assistant"} if number % 2 else {},
            )
            for number, text in enumerate(said, first)
        ]
    )


def bear_out(
    made: Made, both: int, guard_only: int, person_only: int, neither: int, *, lang: str = "en"
) -> None:
    """What people and the guard judged so far of other texts."""
    guard = made.node.guards.lines[0].guard
    cells = (
        (both, True, True),
        (guard_only, True, False),
        (person_only, False, True),
        (neither, False, False),
    )
    judged = [(flagged, misuse) for number, flagged, misuse in cells for _ in range(number)]
    made.node.store.verdicts.put(
        [
            GuardVerdict(
                f"before-{n}",
                guard.name,
                guard.version,
                GuardOutcome.FLAGGED if flagged else GuardOutcome.CLEAN,
                micros(made.now),
                b"before",
                lang,
                "fraud.scam" if flagged else "",
                0.7,
            )
            for n, (flagged, _) in enumerate(judged)
        ]
    )
    for number, status in enumerate((WarningStatus.CONFIRMED, WarningStatus.DISMISSED), 1):
        wanted = status is WarningStatus.CONFIRMED
        samples = tuple(f"before-{n}" for n, (_, misuse) in enumerate(judged) if misuse is wanted)
        made.node.store.warnings.upsert(a_warning(number, now=made.now, samples=samples, status=status))


def found_harmless(made: Made, events: Sequence[str]) -> None:
    status = WarningStatus.DISMISSED
    made.node.store.warnings.upsert(a_warning(9, now=made.now, samples=tuple(events), status=status))


def listed(made: Made, by: Caller | None = None) -> tuple[Standing, ...]:
    return made.node.conversations.list(by or reviewer(made))


def asked(made: Made, script: Callable[[str], str] = judge) -> None:
    with HostilePeer(says(script)) as endpoint:
        guards(made, endpoint.url)
        made.node.guards.tick()


def test_a_freely_worded_conversation_rings_and_says_by_whom(made: Made) -> None:
    say(made, [*FREE, *SMALL])
    asked(made)
    assert made.node.store.conversations.count() == len(FREE), "of what was flagged alone"
    by = reviewer(made)
    assert listed(made, by) == (), "nobody bore it out"
    bear_out(made, *RIGHT)
    (one,) = listed(made, by)
    assert {part.act.side for part in one.contributions} == {"person", "model"}
    assert {part.judged.guard for part in one.contributions if part.judged} == {"mine"}
    opened = made.node.conversations.open(by, one.session, "report of a worried friend")
    assert [sample.text_masked for sample in opened.samples] == list(FREE)

    node = made.node
    node.watch.tick()
    assert {warning.id for warning in node.store.warnings.list()} == {
        a_warning(number, now=made.now).id for number in (1, 2)
    }
    assert node.store.records.list() == ()
    assert all(row["signals"] == [] for row in events_view(node, 100))
    told = msgspec.json.encode(node.store.audit.read(limit=1_000)).decode()
    assert f"{one.score:.2f}" not in told
    assert "judged" not in told


def test_the_command_says_which_message_by_which_guard_and_how_far_people_bear_it_out(made: Made) -> None:
    made.now = datetime.now(UTC)  # the command has a clock of its own
    say(made, [*FREE, *SMALL])
    asked(made)
    bear_out(made, *RIGHT)
    reviewer(made)
    said = tocsin("watch", "sessions", "--data", str(made.node.data), "--user", "rosa").stdout
    assert said.count("flagged by guard mine, fraud.scam, borne out by people here by 100%") == len(FREE)
    assert "The guard model mine flagged 5 of 8 messages, 2 of them by the model." in said


def _unproven(made: Made) -> None:
    asked(made)
    bear_out(made, LEAST_DECISIONS // 2 - 1, 0, 0, LEAST_DECISIONS // 2)


def _other_language(made: Made) -> None:
    asked(made)
    bear_out(made, *RIGHT, lang="fr")


def _disagreed(made: Made) -> None:
    asked(made)
    bear_out(made, LEAST_DECISIONS, LEAST_DECISIONS, LEAST_DECISIONS, LEAST_DECISIONS)


def _unknown(made: Made) -> None:
    asked(made, lambda text: f"I would say that it is {judge(text)}")
    bear_out(made, *RIGHT)


def _clean(made: Made) -> None:
    asked(made, lambda text: "safe")
    bear_out(made, *RIGHT)


def _outside(made: Made) -> None:
    asked(made, lambda text: "unsafe\nS10")
    bear_out(made, *RIGHT)


def _down(made: Made) -> None:
    guards(made, "http://127.0.0.1:9/")
    made.node.guards.tick()
    bear_out(made, *RIGHT)


def _harmless(made: Made) -> None:
    asked(made)
    bear_out(made, *RIGHT)
    found_harmless(made, [f"talk-1-{n}" for n in range(len(FREE))])


@pytest.mark.parametrize(
    "why", [_unproven, _other_language, _disagreed, _unknown, _clean, _outside, _down, _harmless]
)
def test_and_does_not_without_a_guard_that_people_bear_out(made: Made, why: Callable[[Made], None]) -> None:
    say(made, FREE)
    why(made)
    assert listed(made) == ()


def test_a_text_that_was_found_harmless_weighs_nothing_when_said_again(made: Made) -> None:
    say(made, FREE)
    say(made, FREE[:1], first=len(FREE))
    asked(made)
    bear_out(made, *RIGHT)
    by = reviewer(made)
    (before,) = listed(made, by)
    found_harmless(made, ["talk-1-0"])
    (after,) = listed(made, by)
    judged = {part.act.event for part in after.contributions}
    assert judged == {f"talk-1-{n}" for n in range(1, len(FREE))}
    assert after.score < before.score


def test_a_late_verdict_is_as_if_it_had_come_at_once(made: Made) -> None:
    with HostilePeer(says(judge)) as endpoint:
        guards(made, endpoint.url)
        for number, text in enumerate(FREE):
            say(made, [text], first=number)
            made.node.guards.tick()
        say(made, FREE, session="talk-2")
        made.node.guards.tick()
    bear_out(made, *RIGHT)
    first, second = listed(made)
    assert first.session != second.session
    assert (first.score, first.course, first.reasons) == (second.score, second.course, second.reasons)


def test_it_expires_with_its_conversation_and_is_not_kept_when_too_late(made: Made) -> None:
    node, days = made.node, made.node.settings.conversation_days
    say(made, FREE)
    asked(made)
    bear_out(made, *RIGHT)
    made.now += timedelta(days=days, hours=1)
    assert listed(made) == ()
    node.expire()
    assert node.store.conversations.count() == 0
    say(made, FREE, session="talk-2")
    made.now += timedelta(days=days, hours=1)
    with HostilePeer(says(judge)) as endpoint:
        guards(made, endpoint.url).tick()
    assert len(node.store.verdicts.of([f"talk-2-{n}" for n in range(len(FREE))])) == len(FREE)
    assert node.store.conversations.count() == 0


def test_what_does_not_ring_is_not_opened(made: Made) -> None:
    say(made, FREE[:2])
    asked(made)
    bear_out(made, *RIGHT)
    by = reviewer(made)
    assert listed(made, by) == ()
    session = made.node.keys.pseudonyms.of("session", "companion\x00talk-1")
    with pytest.raises(NotFound):
        made.node.conversations.open(by, session, "to look around")
