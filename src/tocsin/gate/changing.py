"""What would change a decision, found by asking the policies again with something else brought.

Enters: a question and what lies behind it. Leaves: the smallest sets of steps after which the rules leave more.
Refuses: to promise. A step says what would have to be shown; the evidence says if it can be. Behind a veto lies none.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

import msgspec

from tocsin.gate.domains import NEEDED
from tocsin.gate.evidence import Weighed
from tocsin.gate.lines import EXPIRED, Source
from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.release import OPENNESS, Step, Tier, Way
from tocsin.trust.release_policy import MOST_OPEN, ReleasePolicies, ReleaseQuestion

MAX_STEPS = 3
"""Steps in one way: who needs four has a plan to make, not a list to read."""

MAX_WAYS = 5
"""Shown for one tier."""

MAX_QUESTIONS = 400
"""Of one search: twelve steps in sets of up to three are 298."""

_UNSURE = frozenset({EXPIRED, LineVerdict.INCONCLUSIVE.value, LineVerdict.INVALID.value})
_LINES = ("catastrophic", "block", "restrict", "tampered")


class _Possible(msgspec.Struct, frozen=True):
    """A step, and the attributes of the question that it would change."""

    step: Step
    changes: Mapping[str, object]
    adds: Mapping[str, tuple[str, ...]] = {}


def ways(
    weighed: Weighed, policies: ReleasePolicies, *, tier: Tier, wanted: Tier, offered: Iterable[Tier]
) -> tuple[Way, ...]:
    """The smallest sets of steps to the next more open tier of those offered, and to the one that is wanted."""
    more = [one for one in OPENNESS if one in offered and OPENNESS.index(one) > OPENNESS.index(tier)]
    targets = dict.fromkeys([*more[:1], *(one for one in more if one is wanted)])
    possible = list(steps(weighed))
    budget = MAX_QUESTIONS
    found: list[Way] = []
    for target in targets:
        ways_to, asked = _to(target, weighed.question, possible, policies, budget)
        budget -= asked
        found += [one for one in ways_to if one not in found]
    return tuple(found)


def lifts(weighed: Weighed, policies: ReleasePolicies, rule: str) -> Step | None:
    """The one step after which a rule leaves more than it does; None when there is none."""
    before = policies.how_far(weighed.question).most.get(rule)
    for one in steps(weighed):
        after = policies.how_far(_changed(weighed.question, (one,))).most.get(rule, Tier.OPEN_WEIGHTS)
        if before is not None and OPENNESS.index(after) > OPENNESS.index(before):
            return one.step
    return None


def _to(
    target: Tier, question: ReleaseQuestion, possible: list[_Possible], policies: ReleasePolicies, budget: int
) -> tuple[list[Way], int]:
    asked = 0
    for size in range(1, min(MAX_STEPS, len(possible)) + 1):
        found: list[Way] = []
        for chosen in combinations(possible, size):
            if asked >= budget:
                return found, asked
            asked += 1
            reached = policies.how_far(_changed(question, chosen)).tier
            if OPENNESS.index(reached) >= OPENNESS.index(target) and len(found) < MAX_WAYS:
                found.append(Way(tuple(one.step for one in chosen), reached))
        if found:
            return found, asked
    return [], asked


def _changed(question: ReleaseQuestion, chosen: Iterable[_Possible]) -> ReleaseQuestion:
    changes: dict[str, object] = {}
    for one in chosen:
        changes |= one.changes
        for name, more in one.adds.items():
            changes[name] = tuple(sorted({*changes.get(name, getattr(question, name)), *more}))  # type: ignore[misc]
    after = msgspec.structs.replace(question, **changes)
    if not any(getattr(after, name) in _UNSURE for name in _LINES):
        after = msgspec.structs.replace(after, unproven=())
    return after if after.red_line == "not-measured" else msgspec.structs.replace(after, unmeasured=())


def steps(weighed: Weighed) -> Iterable[_Possible]:
    """What could be brought for this artefact. Nothing that would have to undo what was measured."""
    asked, behind = weighed.question, weighed.sources
    if not asked.evaluations or {asked.catastrophic, asked.block, asked.restrict} == {"none"}:
        yield _Possible(
            Step("evaluate"),
            {
                "evaluations": max(asked.evaluations, 1),
                "restrict": "below",
                "agreement": max(asked.agreement, 1_000),
            },
        )
    for name in _LINES:
        unsure = [one for one in behind.get(name, ()) if one.at in _UNSURE]
        if getattr(asked, name) in _UNSURE:
            yield _Possible(Step("rerun", _told(unsure)), {name: LineVerdict.BELOW.value})
    for name, step in (("restrict", "mitigate"), ("tampered", "harden")):
        if getattr(asked, name) == LineVerdict.ABOVE.value:
            over = [one for one in behind.get(name, ()) if one.at == LineVerdict.ABOVE.value]
            yield _Possible(Step(step, _told(over)), {name: LineVerdict.BELOW.value})
    if asked.red_line == "not-measured":
        open_lines = [one for one in behind.get("red_line", ()) if one.at == asked.red_line]
        yield _Possible(
            Step("measure-red-line", {"titles": _names(open_lines, "title")}), {"red_line": "clear"}
        )
    yield from _of_files(asked)
    if not set(asked.measured) & {"safeguards-removed", "fine-tuned"}:
        short = behind.get("measured", ())
        names: dict[str, str | int | float] = {
            "names": _names(short, "name"),
            "names_zh": _names(short, "name_zh", "name"),
        }
        yield _Possible(Step("measure-stripped", names), {}, {"measured": ("safeguards-removed",)})
    for domain in sorted({NEEDED[one] for one in asked.contexts if one in NEEDED} - set(asked.domains)):
        yield _Possible(Step("evaluate-domain", {"domain": domain}), {}, {"domains": (domain,)})
    if asked.evaluations and asked.agreement < 1_000:
        yield _Possible(Step("calibrate-judge"), {"agreement": 1_000})
    if asked.unsigned:
        named = {"names": _names(behind.get("unsigned", ()), "name")}
        yield _Possible(Step("sign-evidence", dict(named)), {"unsigned": ()})
    if asked.recognition == "contradicted":
        yield _Possible(Step("settle-contradiction"), {"recognition": "reproduced"})
    yield from _of_overlays(weighed)


def _of_files(asked: ReleaseQuestion) -> Iterable[_Possible]:
    if asked.files == "found":
        yield _Possible(Step("mend-files"), {"files": "clean"})
    elif asked.files != "clean":
        yield _Possible(Step("inspect"), {"files": "clean"})
    if asked.provenance == "refused":
        yield _Possible(Step("sign"), {"provenance": "accepted"})


def _of_overlays(weighed: Weighed) -> Iterable[_Possible]:
    """All demands met, and compute said: what the overlays leave then is known beforehand."""
    unmet = [f"{one.overlay.id}/{d.id}" for one in weighed.borne for d in one.unmet if d.until is not None]
    asks = any(one.asks_compute for one in weighed.borne)
    if not (unmet or asks):
        return
    fixed = [one.overlay.most for one in weighed.borne if one.overlay.most is not None]
    leaves = min((OPENNESS.index(one) for one in fixed), default=MOST_OPEN)
    if leaves > weighed.question.overlay:
        name = "meet-demands" if unmet else "state-compute"
        yield _Possible(Step(name, {"demands": ", ".join(unmet)} if unmet else {}), {"overlay": leaves})


def _told(sources: Iterable[Source]) -> dict[str, str | int | float]:
    return {"lines": _names(sources, "line"), "names": _names(sources, "name")}


def _names(sources: Iterable[Source], *of: str) -> str:
    """Each once, by the first of these values that it has."""
    return ", ".join(
        dict.fromkeys(
            str(next((one.values[name] for name in of if name in one.values), one.evidence))
            for one in sources
        )
    )
