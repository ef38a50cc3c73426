"""One session of an agent: the calls of late, and the sequences that deserve a person. Docs: docs/agents.md."""

from collections import deque
from collections.abc import Iterator

import msgspec

from tocsin.correlate.stock import WARN_STRENGTH
from tocsin.kernel import Reason

SECOND_US = 1_000_000
MAX_CALLS = 240
"""Calls of one session that are looked at together."""

SAME_CALLS = 20
SAME_SECONDS = 600
"""So often the very same call in ten minutes: a retry with back-off makes fewer than ten."""

RATE_CALLS = 200
RATE_SECONDS = 60
"""More than three calls a second for a minute is nobody's working pace, and a bill."""

LONGEST_CYCLE = 8
CYCLE_CALLS = 24
CYCLE_TIMES = 4
"""A cycle of two to eight calls, gone through at least four times and over at least so many calls."""

AFTER_SECONDS = 3_600
"""Within an hour a write into memory is taken to come after an injection, and a claim after an edit."""

REWARD = 2.0
"""Points from which a claim of success rings: weakening a test or grader has 2, touching nothing but graders after a
failed run 2, both 4. Writing tests while working, and saying so, has none.
"""

MAX_SAMPLES = 8

LOOP, CYCLE, RATE = "agent.loop", "agent.cycle", "agent.rate"
TAINTED, CHEAT = "agent.memory-after-injection", "agent.reward"


class Found(msgspec.Struct, frozen=True):
    """A sequence that was found; `key` is the same while it goes on."""

    key: str
    category: str
    reasons: tuple[Reason, ...]
    refutations: tuple[str, ...]
    first: int
    last: int
    events: int
    score: float
    threshold: float
    confidence: int
    samples: tuple[str, ...]


class Thread:
    """Fed call by call: `mark` for each signal of the call, then `close_call`."""

    def __init__(self) -> None:
        self._calls: deque[tuple[int, str, str]] = deque(maxlen=MAX_CALLS)
        self._marks: set[str] = set()
        self._injected: tuple[int, str] | None = None
        self._failed: int | None = None
        self._worked = False
        self._touched: list[tuple[int, str]] = []
        self._weakened: list[tuple[int, str]] = []
        self._began: dict[str, tuple[int, str, int]] = {}
        """By kind of loop: when it began, its first event, and when it was last seen."""

    def mark(self, detector: str, strength: float, evidence: str) -> None:
        """One signal of the present call."""
        if detector == "agent.marks":
            self._marks.add(evidence)
        elif detector == "agent.injection" and strength >= WARN_STRENGTH:
            self._marks.add("injected")

    def close_call(self, time: int, event: str, tool: str) -> Iterator[Found]:
        """The present call is complete: what it makes of the session."""
        marks, self._marks = self._marks, set()
        call = next((mark for mark in marks if mark.startswith("call/")), None)
        if call is not None:
            self._calls.append((time, event, call))
            yield from self._loops(time, tool)
        yield from self._memory(time, event, tool, marks)
        yield from self._reward(time, event, marks)

    def _loops(self, time: int, tool: str) -> Iterator[Found]:
        newest = self._calls[-1][2]
        same = [
            (when, event)
            for when, event, call in self._calls
            if call == newest and time - when <= SAME_SECONDS * SECOND_US
        ]
        if len(same) >= SAME_CALLS:
            yield self._loop(LOOP, same, time, SAME_CALLS, {"tool": tool or "-", "seconds": SAME_SECONDS})
        else:
            cycle = self._cycle()
            if cycle:
                spun = [(when, event) for when, event, _ in self._calls][-cycle[1] :]
                yield self._loop(CYCLE, spun, time, CYCLE_CALLS, {"length": cycle[0]})
        fast = [(when, event) for when, event, _ in self._calls if time - when <= RATE_SECONDS * SECOND_US]
        if len(fast) >= RATE_CALLS:
            yield self._loop(RATE, fast, time, RATE_CALLS, {"seconds": RATE_SECONDS})

    def _cycle(self) -> tuple[int, int] | None:
        """Length of the cycle that the newest calls go through, and how many calls it spans."""
        if len(self._calls) < CYCLE_CALLS:
            return None
        calls = [call for _, _, call in self._calls]
        for length in range(2, LONGEST_CYCLE + 1):
            spans = length
            while spans < len(calls) and calls[-1 - spans] == calls[-1 - spans + length]:
                spans += 1
            varied = len(set(calls[-length:])) > 1  # one call over and over is polling, or the loop above
            if varied and spans >= max(CYCLE_CALLS, CYCLE_TIMES * length):
                return length, spans
        return None

    def _loop(
        self,
        kind: str,
        calls: list[tuple[int, str]],
        time: int,
        threshold: int,
        values: dict[str, str | int | float],
    ) -> Found:
        began = self._began.get(kind)
        if began is None or time - began[2] > SAME_SECONDS * SECOND_US:
            began = (*calls[0], time)
        self._began[kind] = (began[0], began[1], time)
        return Found(
            key=f"{kind}:{began[1]}",
            category="agent.tool-misuse",
            reasons=(Reason(kind, {"calls": len(calls), **values}),),
            refutations=("refute.polling", "refute.batch-job"),
            first=began[0],
            last=time,
            events=len(calls),
            score=float(len(calls)),
            threshold=float(threshold),
            confidence=min(90, 50 + 10 * len(calls) // threshold),
            samples=tuple(event for _, event in calls[-MAX_SAMPLES:]),
        )

    def _memory(self, time: int, event: str, tool: str, marks: set[str]) -> Iterator[Found]:
        if "writes-memory" in marks and self._injected is not None:
            when, injected = self._injected
            if time - when <= AFTER_SECONDS * SECOND_US:
                yield Found(
                    key=f"{TAINTED}:{injected}",
                    category="agent.memory-poisoning",
                    reasons=(
                        Reason(
                            TAINTED, {"tool": tool or "-", "minutes": round((time - when) / (60 * SECOND_US))}
                        ),
                    ),
                    refutations=("refute.unrelated-note", "refute.quoted-instructions"),
                    first=when,
                    last=time,
                    events=2,
                    score=1.0,
                    threshold=1.0,
                    confidence=60,
                    samples=(injected, event),
                )
        if "injected" in marks:
            self._injected = (time, event)

    def _reward(self, time: int, event: str, marks: set[str]) -> Iterator[Found]:
        since = time - AFTER_SECONDS * SECOND_US
        if "tests-failed" in marks:
            self._failed, self._worked = time, False
        if "edits-work" in marks:
            self._worked = True
        if "edits-grader" in marks:
            self._touched = [(when, one) for when, one in self._touched if when >= since][-MAX_SAMPLES:]
            self._touched.append((time, event))
        if "weakens-grader" in marks:
            self._weakened = [(when, one) for when, one in self._weakened if when >= since][-MAX_SAMPLES:]
            self._weakened.append((time, event))
        if "claims-success" not in marks:
            return
        weakened = [one for one in self._weakened if one[0] >= since]
        after = [
            one for one in self._touched if self._failed is not None and one[0] >= max(since, self._failed)
        ]
        alone = bool(after) and not self._worked
        score = 2.0 * bool(weakened) + 2.0 * alone
        if score >= REWARD:
            steps = sorted({*weakened, *(after if alone else ()), (time, event)})
            yield Found(
                key=f"{CHEAT}:{steps[0][1]}",
                category="agent.tool-misuse",
                reasons=(
                    Reason(CHEAT, {"edits": len(steps) - 1, "weakened": len(weakened), "score": score}),
                ),
                refutations=("refute.test-was-wrong", "refute.asked-to-change-tests"),
                first=steps[0][0],
                last=time,
                events=len(steps),
                score=score,
                threshold=REWARD,
                confidence=50 if score < 2 * REWARD else 70,
                samples=tuple(one for _, one in steps[-MAX_SAMPLES:]),
            )
