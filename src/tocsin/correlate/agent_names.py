"""Whether an agent did what only a tool's result asked for: names followed through one session. Docs: docs/agents.md.

Enters: marks of the calls and requests of one session, in order. Leaves: a sequence where a call hands something to a
name that a result brought and that nobody had named before, with a score: not all ring. Whoever writes a page chooses
its words, and not those of the person: so what counts most is whether that person asked for anything to be done at all.
Refuses: to ring because a letter is answered for somebody who asked for that, or a page is opened.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.correlate.agent_threads import AFTER_SECONDS, SECOND_US, Found
from tocsin.kernel import Reason
from tocsin.kernel.signals import ASKED, HANDS_OVER, NAMED, READS, USED, short_mark

OBEYED = "agent.obeyed"

TAKEN_UP = 0.4
"""A call hands something to a name that came from the result alone, or calls a tool that the result names."""

ASKED_TO_BE_TOLD = 0.5
"""Added where the person asked to be told things, and for nothing to be done: then nobody but the result asked."""

NAMED_OTHERS = 0.3
"""Added where the person asked for something to be done and said with whom: this is somebody else."""

HANDED_OVER = -0.2
"""Added where they asked for something to be done and named nobody: answering letters is answering whoever wrote."""

RINGS = 0.9
"""Who only asked to be told something needs no word of the page: .5 and .4. Else its words must say it
(`screen.agents.asking`): one field or two where the person named others, three or four where they handed it over or
nothing is known of what they asked.
"""

MAX_NAMES, MAX_KNOWN = 64, 128
"""Names held of one session, newest: those that results brought, and tools; and those that were named or used, which
are more, for who forgets them takes a person's own words for a page's.
"""

_READS = re.compile(READS, re.IGNORECASE)


class Followed(Found, frozen=True):
    """A name that was followed from a result into a call; `words` is what of its score the words around it are."""

    words: float

    @property
    def result(self) -> str:
        """The event whose tool's result brought the name."""
        return self.samples[0]

    @property
    def rings(self) -> bool:
        return self.score >= self.threshold


class _Asked(NamedTuple):
    time: int
    event: str
    strength: float


class Names:
    """Of one session: what a person asked, what was named, and what results brought."""

    __slots__ = ("_brought", "_handed_over", "_known", "_requests", "_said", "_tools")

    def __init__(self) -> None:
        self._known: OrderedDict[str, None] = OrderedDict()
        self._tools: OrderedDict[str, None] = OrderedDict()
        self._brought: OrderedDict[str, _Asked] = OrderedDict()
        self._requests, self._handed_over, self._said = False, False, False

    def heard(self) -> None:
        """A person said something to the model in this session."""
        self._requests = True

    def close_call(self, time: int, event: str, tool: str, marks: set[str]) -> Iterator[Followed]:
        """The present call or request is complete.

        1. What a call was given came before its result: its names are held against what was brought before. 2. They are
        known from now on, and so is what a person named. 3. Then what its own result brings, unless it was known.
        """
        used = {mark.removeprefix(USED) for mark in marks if mark.startswith(USED)}
        if self._brought:
            yield from self._obeyed(time, event, tool, used)  # 1
        named = {mark.removeprefix(NAMED) for mark in marks if mark.startswith(NAMED)}
        self._handed_over = self._handed_over or HANDS_OVER in marks
        self._said = self._said or bool(named)
        _hold(self._known, used | named, MAX_KNOWN)  # 2
        if tool:
            _hold(self._tools, {short_mark(tool.lower())}, MAX_NAMES)
        for mark in sorted(marks):  # 3
            if mark.startswith(ASKED):
                tenths, _, name = mark.removeprefix(ASKED).partition("/")
                if name not in self._known:
                    self._brought[name] = _Asked(time, event, int(tenths) / 10)
                    self._brought.move_to_end(name)
        while len(self._brought) > MAX_NAMES:
            self._brought.popitem(last=False)

    def _obeyed(self, time: int, event: str, tool: str, used: set[str]) -> Iterator[Followed]:
        since = time - AFTER_SECONDS * SECOND_US
        taken = [self._brought[name] for name in used - self._known.keys() if name in self._brought]
        called = short_mark(tool.lower()) if tool and _READS.search(tool) is None else ""
        if called and called not in self._tools and called not in self._known and called in self._brought:
            taken.append(self._brought[called])
        for result in sorted({one for one in taken if one.time >= since}):
            score = round(result.strength + TAKEN_UP + self._of_the_person, 2)
            yield _followed(result, time, event, tool, score, told=self._only_told)

    @property
    def _only_told(self) -> bool:
        return self._requests and not self._handed_over

    @property
    def _of_the_person(self) -> float:
        if self._only_told:
            return ASKED_TO_BE_TOLD
        if not self._requests:
            return 0.0
        return NAMED_OTHERS if self._said else HANDED_OVER


def _hold(names: OrderedDict[str, None], new: set[str], most: int) -> None:
    for name in sorted(new):
        names[name] = None
        names.move_to_end(name)
    while len(names) > most:
        names.popitem(last=False)


def _followed(result: _Asked, time: int, event: str, tool: str, score: float, *, told: bool) -> Followed:
    minutes = round((time - result.time) / (60 * SECOND_US))
    return Followed(
        key=f"{OBEYED}:{result.event}",
        category="technique.requirement-hijack",
        reasons=(
            Reason(
                f"{OBEYED}-unasked" if told else OBEYED,
                {"tool": tool or "-", "minutes": minutes, "score": score},
            ),
        ),
        refutations=("refute.asked-to-follow", "refute.quoted-instructions"),
        first=result.time,
        last=time,
        events=2,
        score=score,
        threshold=RINGS,
        confidence=60 if score < 1.2 else 80,
        samples=(result.event, event),
        words=result.strength,
    )
