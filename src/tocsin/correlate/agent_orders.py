"""Names that were followed into a call and do not ring: what a guard's verdict on the result adds (docs/agents.md).

Enters: sequences of `agent_names` below their threshold, and verdicts as they stand at a look. Leaves: sequences that
ring with them. Refuses: to ring by a verdict alone, for there is no sequence without the call that obeyed; to count
what the guard's errors explain; and to take anything away, so that no verdict, a late one and "clean" are the same.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping

import msgspec

from tocsin.correlate.agent_names import Followed
from tocsin.correlate.agent_threads import Found
from tocsin.correlate.judged import Judgement, beyond_errors
from tocsin.kernel import Reason

JUDGED = "agent.order-judged"
MAX_WAITING = 2_000
"""Sequences that wait for a verdict, of all sessions, newest: a kilobyte each, and so many verdicts are read a look."""

CONFIDENCE = 50
"""Below what words and the person's request make of it: a guard's word is another model's opinion."""


class Waiting:
    """One sequence a result: of several calls that took up its names, the one with the highest score."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[str, Followed]] = OrderedDict()

    def hold(self, session: str, one: Followed) -> None:
        held = self._held.get(one.key)
        if held is None or one.score >= held[1].score:
            self._held[one.key] = session, one
        self._held.move_to_end(one.key)
        while len(self._held) > MAX_WAITING:
            self._held.popitem(last=False)

    def forget(self, since: int) -> None:
        """Drop what ended before a moment."""
        for key in [key for key, (_, one) in self._held.items() if one.last < since]:
            del self._held[key]

    def results(self) -> frozenset[str]:
        """The events whose results brought what was taken up."""
        return frozenset(one.result for _, one in self._held.values())

    def ringing(self, said: Mapping[str, Judgement]) -> Iterator[Found]:
        """Those that ring with what guards said of their results.

        1. A verdict is a hint of what the words around a name are a hint of, so the larger counts. 2. Of so many
        results that an agent acted on, the guard would have flagged some that are harmless: that is taken off.
        """
        acted_on = Counter(session for session, _ in self._held.values())
        flagged = Counter(session for session, one in self._held.values() if one.result in said)
        for session, one in self._held.values():
            by = said.get(one.result)
            if by is None:
                continue
            points = by.points * beyond_errors(by, flagged=flagged[session], said=acted_on[session])  # 2
            score = round(one.score + max(0.0, points - one.words), 2)  # 1
            if score >= one.threshold:
                yield _with(one, by, points, score)


def _with(one: Followed, by: Judgement, points: float, score: float) -> Found:
    first = msgspec.structs.replace(one.reasons[0], values={**one.reasons[0].values, "score": score})
    said: dict[str, str | int | float] = {"guard": by.guard, "trust": by.borne, "points": round(points, 2)}
    return msgspec.structs.replace(
        one,
        score=score,
        confidence=CONFIDENCE,
        reasons=(first, Reason(JUDGED, said)),
        refutations=(*one.refutations, "refute.agent-guard-wrong"),
    )
