"""What guard models' verdicts on single messages make of a conversation, as far as people bear those guards out.

Enters: the acts of a conversation, and its messages' flagged verdicts with what they weigh. Leaves: points a message,
which `conversations` weighs together with what words found, as the larger. Refuses: to let one verdict ring, or two; to
count a text again that was only said again; and to count what the guard's errors explain.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tocsin.kernel import Reason
from tocsin.kernel.acts import Act

POINTS = 1.0
"""Of a verdict of full strength by a guard that people wholly bear out. Chosen on the development half
(`python -m benchmarks.session_guard`): more found hardly more of what grows, and rang for more that is harmless.
"""

MOST_POINTS = 0.9
"""Of one verdict, whatever the guard: two of them stay below the threshold of 2, so that it takes three texts at least.
Risk that builds up is what is looked for, and any one verdict may be a quotation or a mistake.
"""

MOST_TEXTS = 8
"""Judged texts of a conversation that count, the weightiest: enough to ring, and a bound on how long it rings after."""


class Judgement(msgspec.Struct, frozen=True):
    """One guard's flagged verdict on one message. Shares of one: `strength` is the guard's, `borne` how far people bear
    that guard out in that language, `wrong` how often it flags there what they find harmless (`guard_words`). `text`
    names the text, so that the same one counts once.
    """

    guard: str
    category: str
    strength: float
    borne: float
    wrong: float
    text: bytes

    @property
    def points(self) -> float:
        return min(POINTS * self.strength * self.borne, MOST_POINTS)


class Judged(msgspec.Struct, frozen=True):
    """A message with its weightiest judgement; `points` is what that weighs, hedges taken off, before decay."""

    act: Act
    by: Judgement
    points: float


def judged_of(judgements: Mapping[str, Iterable[Judgement]]) -> dict[str, Judgement]:
    """Event → its weightiest judgement: several guards on one message are one word, not a sum. Without weight: none."""
    found = {
        event: max(each, key=lambda one: (one.points, one.guard, one.category, one.text))
        for event, some in judgements.items()
        if (each := tuple(some))
    }
    return {event: one for event, one in found.items() if one.points > 0}


def beyond_errors(by: Judgement, *, flagged: int, said: int) -> float:
    """What is left of a verdict, one of `flagged` texts among `said` messages, when the guard's errors are taken off:
    of so many messages it would have flagged some that are harmless. A longer conversation needs more flags.
    """
    return max(0.0, 1.0 - by.wrong * max(said, flagged) / flagged)


def beyond_words(judged: Sequence[tuple[Judged, float]], words: Mapping[str, float]) -> dict[str, float]:
    """Event → what verdicts add to what its words weigh.

    `judged` are messages with what their verdicts weigh now. 1. The larger of word and verdict counts, so a verdict
    adds what it exceeds. 2. A text that one side said twice counts where it adds most. 3. MOST_TEXTS count, the
    weightiest. More, or heavier, verdicts never make it less, and their order does not matter.
    """
    best: dict[tuple[str, bytes], tuple[float, str]] = {}
    for one, weighs in judged:
        more = (weighs - words.get(one.act.event, 0.0), one.act.event)  # 1
        key = one.act.side, one.by.text
        if more[0] > 0 and more > best.get(key, (0.0, "")):  # 2
            best[key] = more
    return {event: more for more, event in sorted(best.values(), reverse=True)[:MOST_TEXTS]}  # 3


def reasons(judged: Sequence[Judged], said: int) -> tuple[Reason, ...]:
    """For each guard how many messages it flagged, and how far people bear it out where they do so least."""
    by_guard: dict[str, list[Judged]] = {}
    for one in judged:
        by_guard.setdefault(one.by.guard, []).append(one)
    return tuple(
        Reason(
            "session.judged",
            {
                "guard": guard,
                "messages": len(some),
                "model": sum(one.act.side == "model" for one in some),
                "said": said,
                "wrong": round(said * max(one.by.wrong for one in some), 1),
                "trust": min(one.by.borne for one in some),
            },
        )
        for guard, some in sorted(by_guard.items())
    )
