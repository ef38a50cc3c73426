"""Risk that builds over one conversation: an explainable state with decay. Docs: docs/sessions.md, with measured rates.

Enters: the acts of one conversation, and the present. Leaves: a Standing that says what contributed, what would refute
it, and when it is gone. Refuses: to know whose conversation it is, to look at one that names no aim, and to become a
`Warning`: those are listed, routed and shared, and this is not.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from tocsin.kernel import Reason
from tocsin.kernel.acts import Act

HALF_LIFE_HOURS = 24.0
HOUR_US = 3_600_000_000
THRESHOLD = 2.0
"""Three or four plain acts of different kinds within a day, in a conversation that names an aim."""

MAX_ACTS = 500
"""Messages of one conversation that count, newest."""

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
    """What one message adds now. `weight` as said, `left` after decay and what the whole makes of it."""

    act: Act
    weight: float
    left: float


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


def standing(acts: Sequence[Act], now_us: int) -> Standing | None:
    """The state of one conversation; None where there is no act, or nothing says what the acts are for.

    1. Each message weighs what its heaviest act weighs, hedges taken off; the second of a kind half of it, the third a
       third: repetition is not building up. Half is gone after HALF_LIFE_HOURS.
    2. Without an aim in the conversation all of it is nothing: harmless parts add up only towards something.
    3. The sum grows with each further kind of act, and with stages that were reached in order.
    4. What the model's own side incites weighs half more: direction of speech matters.
    5. What a side announced as somebody else's text, to be worked on, is hedged while that holds, and names no aim.
    """
    held = sorted((act for act in acts if act.time <= now_us), key=lambda act: (act.time, act.event))[
        -MAX_ACTS:
    ]
    held = _as_framed(held)
    if not any(act.kinds for act in held) or not any(act.aim for act in held):
        return None
    score = _score(held, now_us)
    factor = _factor(held)
    parts = [
        Contribution(act=act, weight=weight, left=weight * _decay(act, now_us) * factor)
        for act, weight in _weighed(held)
        if act.kinds or act.aim
    ]
    return Standing(
        session=held[0].session,
        score=score,
        threshold=THRESHOLD,
        first=held[0].time,
        last=held[-1].time,
        contributions=tuple(sorted(parts, key=lambda part: (-part.left, part.act.time))),
        reasons=_reasons(held, score, now_us),
        refutations=tuple(
            Reason(f"refute.session-{code}")
            for code in ("fiction", "telling", "counter", "game", "other-meaning")
        ),
        course=_course(held, now_us),
        quiet_at=_quiet_at(held, score, now_us),
    )


def _as_framed(held: Sequence[Act]) -> list[Act]:
    """Acts that somebody announced as another's text, hedged; each side announces for itself alone."""
    since: dict[str, int] = {}
    left: dict[str, int] = {}
    found = []
    for act in held:
        if FRAME in act.hedges:
            since[act.side], left[act.side] = act.time, FRAME_ACTS
        elif act.kinds and left.get(act.side, 0) > 0 and act.time - since[act.side] <= FRAME_HOURS * HOUR_US:
            left[act.side] -= 1
            act = msgspec.structs.replace(
                act, aim=False, hedges=(*act.hedges, FRAME), weight=act.weight * FRAMED
            )
        found.append(act)
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


def _score(held: Sequence[Act], now: int) -> float:
    if not any(act.aim for act in held):
        return 0.0
    return sum(weight * _decay(act, now) for act, weight in _weighed(held)) * _factor(held)


def _course(held: Sequence[Act], now: int) -> tuple[tuple[int, float], ...]:
    """The score as it was after each message and in between, up to now."""
    span = max(now - held[0].time, 1)
    moments = sorted(
        {act.time for act in held} | {held[0].time + span * step // STEPS for step in range(STEPS + 1)}
    )
    return tuple((at, round(_score([act for act in held if act.time <= at], at), 4)) for at in moments)


def _quiet_at(held: Sequence[Act], score: float, now: int) -> int:
    if score < THRESHOLD:
        return held[-1].time
    return now + int(HALF_LIFE_HOURS * HOUR_US * math.log2(score / THRESHOLD)) + 1


def _reasons(held: Sequence[Act], score: float, now: int) -> tuple[Reason, ...]:
    doing = [act for act in held if act.kinds]
    found = [
        Reason("session.sum", {"score": round(score, 2), "threshold": THRESHOLD, "messages": len(doing)})
    ]
    for kind in STAGES:
        ours = [act for act in doing if kind in act.kinds]
        if ours:
            by_model = sum(act.side == "model" for act in ours)
            found.append(Reason(f"session.{kind}", {"messages": len(ours), "model": by_model}))
    found.append(Reason("session.aim", {"messages": sum(act.aim for act in held)}))
    stages = _in_order(held)
    if stages > 1:
        found.append(Reason("session.order", {"stages": stages}))
    framed = sum(FRAME in act.hedges for act in doing)
    if framed:
        found.append(Reason("session.framed", {"messages": framed}))
    hedged = sum(bool(act.hedges) for act in doing)
    if hedged:
        found.append(Reason("session.hedged", {"messages": hedged}))
    if score >= THRESHOLD:
        hours = (_quiet_at(held, score, now) - now) / HOUR_US
        found.append(Reason("session.lower", {"hours": max(1, math.ceil(hours))}))
    return tuple(found)
