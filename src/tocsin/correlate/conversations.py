"""Risk that builds over one conversation: an explainable state with decay. Docs: docs/sessions.md, with measured rates.

Enters: the acts of one conversation, what guards said of its messages (`judged`), and the present. Leaves: a Standing
that says what contributed, what would refute it, and when it is gone. Refuses: to know whose conversation it is, to
weigh acts by words where no aim is named, and to become a `Warning`: those are listed, routed and shared, and this is
not.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from tocsin.correlate.judged import Judged, Judgement, beyond_errors, beyond_words, reasons
from tocsin.kernel import Reason
from tocsin.kernel.acts import Act

HALF_LIFE_HOURS = 24.0
HOUR_US = 3_600_000_000
THRESHOLD = 2.0
"""Three or four plain acts of different kinds within a day, in a conversation that names an aim."""

MAX_ACTS = 500
"""Messages of one conversation that count, newest: of those that act by words, and of those that a guard flagged."""

HEAVIEST = ("recruit", "incite", "plan", "instruct")
"""A message with several acts stands for the first of these: who says everything in one breath quotes or jokes as often
as not, and what builds up is said over time.
"""

STAGES = ("recruit", "incite", "instruct", "plan")
"""In the order in which a plan of several people grows. Reached in order they weigh more than at random."""

PER_KIND = 0.25
"""More for each kind of act beyond the first: building up is what is looked for, not one loud message."""

PER_STAGE = 0.25
MODEL_INCITES = 1.5
"""A companion that urges is listened to, and it is the service's own doing."""

FRAME = "frame"
FRAMED = 0.3
"""What is left of an act that was announced as somebody else's text: as of any hedge."""

FRAME_HOURS = 2.0
FRAME_ACTS = 12
"""How long, and for how many acting messages, such an announcement holds: a log is pasted at one sitting. What goes on
counts again, so that one sentence at the beginning is no licence.
"""

STEPS = 40
"""Points of the picture."""


class Contribution(msgspec.Struct, frozen=True):
    """What one message adds now. `weight` as said, `left` after decay and what the whole makes of it.

    `judged` is a guard's verdict on it that weighs something, whether or not its words weigh more.
    """

    act: Act
    weight: float
    left: float
    judged: Judgement | None = None


class _Held(NamedTuple):
    """What counts, oldest first: messages that act by their words, and those that a guard flagged. Some are both."""

    words: Sequence[Act]
    judged: Sequence[Judged]
    times: Sequence[int]
    """Of every message of the conversation, ascending."""

    def until(self, moment: int) -> "_Held":
        return _Held(
            [act for act in self.words if act.time <= moment],
            [one for one in self.judged if one.act.time <= moment],
            self.times[: bisect_right(self.times, moment)],
        )

    @property
    def said(self) -> int:
        """How many messages, at least."""
        return max(len(self.times), self.texts)

    @property
    def texts(self) -> int:
        """How many texts guards flagged: what one side says twice is one."""
        return len({(one.act.side, one.by.text) for one in self.judged})

    @property
    def acts(self) -> list[Act]:
        """Each message once."""
        found = {act.event: act for act in (*(one.act for one in self.judged), *self.words)}
        return sorted(found.values(), key=_by_time)


class Standing(msgspec.Struct, frozen=True):
    """How a conversation stands at a moment: the sum, its parts, its course as (time, score)."""

    session: str
    score: float
    threshold: float
    first: int
    last: int
    contributions: tuple[Contribution, ...]
    reasons: tuple[Reason, ...]
    refutations: tuple[Reason, ...]
    course: tuple[tuple[int, float], ...]
    quiet_at: int
    """When it falls below the threshold if nothing more is said; `last` if it is below now."""

    @property
    def rings(self) -> bool:
        return self.score >= self.threshold


def standing(
    acts: Sequence[Act],
    now_us: int,
    judged: Mapping[str, Judgement] | None = None,
    times: Sequence[int] = (),
) -> Standing | None:
    """The state of one conversation; None where nothing of it counts. `judged` are events with what guards
    said of them, `times` of every message, ascending.

    1. Each message weighs what its heaviest act weighs, hedges taken off; the second of a kind half of it, the third a
       third: repetition is not building up. Half is gone after HALF_LIFE_HOURS.
    2. Without an aim in the conversation all of that is nothing: harmless parts add up only towards something.
    3. The sum grows with each further kind of act, and with stages that were reached in order.
    4. What the model's own side incites weighs half more: direction of speech matters.
    5. What a side announced as somebody else's text, to be worked on, is hedged while that holds, and names no aim.
    6. A message that a guard flagged counts by the larger of that and its words (`judged.beyond_words`), hedged and
       gone as they are. A verdict names the conduct, so it needs no aim; it gives none to the words of others, is no
       kind and no stage, and takes nothing away. When it came does not matter: it stands where its message stands.
    """
    past = times[: bisect_right(times, now_us)]
    held = _held([act for act in acts if act.time <= now_us], judged or {}, past)
    found = held.acts
    if not found:
        return None
    score = _score(held, now_us)
    lefts, by_words = _lefts(held, now_us), dict(_weighed(held.words))
    verdicts = {
        one.act.event: (weight, one.by) for one, weight in zip(held.judged, _verdicts(held), strict=True)
    }
    parts = []
    for act in found:
        weight, by = verdicts.get(act.event, (0.0, None))
        if act.kinds or act.aim or by:
            weight = max(weight, by_words.get(act, 0.0))
            parts.append(Contribution(act, weight, lefts.get(act.event, 0.0), by))
    refuted: tuple[str, ...] = ("fiction", "telling", "counter", "game", "other-meaning")
    if verdicts:
        refuted = (*refuted, "guard-wrong")
    return Standing(
        session=found[0].session,
        score=score,
        threshold=THRESHOLD,
        first=found[0].time,
        last=found[-1].time,
        contributions=tuple(sorted(parts, key=lambda part: (-part.left, part.act.time))),
        reasons=_reasons(held, score, now_us),
        refutations=tuple(Reason(f"refute.session-{code}") for code in refuted),
        course=_course(held, now_us),
        quiet_at=_quiet_at(held, score, now_us),
    )


def _by_time(act: Act) -> tuple[int, str]:
    return act.time, act.event


def _held(acts: Sequence[Act], judged: Mapping[str, Judgement], times: Sequence[int]) -> _Held:
    """What counts of them. Acts by words are nothing without an aim; a message that only a guard flagged is no act by
    words, and changes nothing about those."""
    spoken = sorted((act for act in acts if act.kinds or act.aim or act.hedges), key=_by_time)
    words = _as_framed([act for act in spoken if act.kinds or act.aim or FRAME in act.hedges][-MAX_ACTS:])
    flagged = sorted((act for act in acts if act.event in judged), key=_by_time)[-MAX_ACTS:]
    said = _judged(flagged, [act for act in spoken if FRAME in act.hedges], judged)
    if not any(act.kinds for act in words) or not any(act.aim for act in words):
        words = []
    return _Held(words, said, times)


def _as_framed(held: Sequence[Act]) -> list[Act]:
    """Acts that somebody announced as another's text, hedged, and naming no aim."""
    announced = _announced(held, {act.event for act in held if act.kinds})
    return [
        msgspec.structs.replace(act, aim=False, hedges=(*act.hedges, FRAME), weight=act.weight * FRAMED)
        if act.event in announced
        else act
        for act in held
    ]


def _judged(
    flagged: Sequence[Act], frames: Sequence[Act], judged: Mapping[str, Judgement]
) -> tuple[Judged, ...]:
    """What guards flagged, with its hedges: what speaks against words speaks against a verdict on them."""
    events = {act.event for act in flagged}
    others = [act for act in frames if act.event not in events]
    announced = _announced(sorted((*others, *flagged), key=_by_time), events)
    found = []
    for act in flagged:
        hedges = (*act.hedges, FRAME) if act.event in announced else act.hedges
        by = judged[act.event]
        said = msgspec.structs.replace(act, hedges=hedges)
        found.append(Judged(said, by, by.points * FRAMED ** len(hedges)))
    return tuple(found)


def _announced(held: Sequence[Act], counted: Collection[str]) -> set[str]:
    """Events of `counted` that fall under an announcement; each side announces for itself alone."""
    since: dict[str, int] = {}
    left: dict[str, int] = {}
    found = set()
    for act in held:
        if FRAME in act.hedges:
            since[act.side], left[act.side] = act.time, FRAME_ACTS
        elif (
            act.event in counted
            and left.get(act.side, 0) > 0
            and act.time - since[act.side] <= FRAME_HOURS * HOUR_US
        ):
            left[act.side] -= 1
            found.add(act.event)
    return found


def _main(act: Act) -> str:
    return next((kind for kind in HEAVIEST if kind in act.kinds), "")


def _weighed(held: Sequence[Act]) -> Iterator[tuple[Act, float]]:
    """Each message with what it weighs before decay."""
    before: Counter[tuple[str, str]] = Counter()
    for act in held:
        kind = _main(act)
        before[act.side, kind] += 1
        urging = MODEL_INCITES if act.side == "model" and kind == "incite" else 1.0
        yield act, act.weight * urging / before[act.side, kind]


def _decay(act: Act, now: int) -> float:
    return math.exp2(-max(0, now - act.time) / (HALF_LIFE_HOURS * HOUR_US))


def _factor(held: Sequence[Act]) -> float:
    kinds = {_main(act) for act in held if act.kinds and not act.hedges}
    return 1.0 + PER_KIND * max(0, len(kinds) - 1) + PER_STAGE * max(0, _in_order(held) - 1)


def _in_order(held: Sequence[Act]) -> int:
    """How many stages were reached one after another: the longest rising run of first mentions."""
    first: dict[str, int] = {}
    for at, act in enumerate(held):
        if act.kinds and not act.hedges:
            first.setdefault(_main(act), at)
    best: list[int] = []
    places = [first[stage] for stage in STAGES if stage in first]
    for at, place in enumerate(places):
        best.append(1 + max((best[before] for before in range(at) if places[before] <= place), default=0))
    return max(best, default=0)


def _lefts(held: _Held, now: int) -> dict[str, float]:
    """Event → what it adds now. By words nothing while no aim was named."""
    factor = _factor(held.words)
    aimed = any(act.aim for act in held.words)
    lefts = {act.event: w * _decay(act, now) * factor for act, w in _weighed(held.words) if aimed}
    weighs = zip(held.judged, _verdicts(held), strict=True)
    beyond = beyond_words([(one, weight * _decay(one.act, now)) for one, weight in weighs], lefts)
    for event, more in beyond.items():
        lefts[event] = lefts.get(event, 0.0) + more
    return lefts


def _verdicts(held: _Held) -> list[float]:
    """What each verdict weighs before decay: so much as the guard's errors over so many messages do not explain."""
    texts, said = held.texts, held.said
    return [one.points * beyond_errors(one.by, flagged=texts, said=said) for one in held.judged]


def _score(held: _Held, now: int) -> float:
    return math.fsum(_lefts(held, now).values())


def _course(held: _Held, now: int) -> tuple[tuple[int, float], ...]:
    """The score as it was after each message and in between, up to now; verdicts as if they had come at once."""
    acts = held.acts
    span = max(now - acts[0].time, 1)
    moments = sorted(
        {act.time for act in acts} | {acts[0].time + span * step // STEPS for step in range(STEPS + 1)}
    )
    return tuple((at, round(_score(held.until(at), at), 4)) for at in moments)


def _quiet_at(held: _Held, score: float, now: int) -> int:
    if score < THRESHOLD:
        return held.acts[-1].time
    return now + int(HALF_LIFE_HOURS * HOUR_US * math.log2(score / THRESHOLD)) + 1


def _reasons(held: _Held, score: float, now: int) -> tuple[Reason, ...]:
    doing = [act for act in held.words if act.kinds]
    flagged = {one.act.event for one in held.judged}
    messages = len(flagged | {act.event for act in doing})
    found = [Reason("session.sum", {"score": round(score, 2), "threshold": THRESHOLD, "messages": messages})]
    for kind in STAGES:
        ours = [act for act in doing if kind in act.kinds]
        if ours:
            by_model = sum(act.side == "model" for act in ours)
            found.append(Reason(f"session.{kind}", {"messages": len(ours), "model": by_model}))
    if doing:
        found.append(Reason("session.aim", {"messages": sum(act.aim for act in doing)}))
    found += reasons(held.judged, held.said)
    stages = _in_order(held.words)
    if stages > 1:
        found.append(Reason("session.order", {"stages": stages}))
    counted = [act for act in held.acts if act.kinds or act.event in flagged]
    framed = sum(FRAME in act.hedges for act in counted)
    if framed:
        found.append(Reason("session.framed", {"messages": framed}))
    hedged = sum(bool(act.hedges) for act in counted)
    if hedged:
        found.append(Reason("session.hedged", {"messages": hedged}))
    if score >= THRESHOLD:
        hours = (_quiet_at(held, score, now) - now) / HOUR_US
        found.append(Reason("session.lower", {"hours": max(1, math.ceil(hours))}))
    return tuple(found)
