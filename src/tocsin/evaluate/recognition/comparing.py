"""Two institutes over the same samples: their outcomes beside ours, sample by sample, and what that allows to be said.

Enters: outcomes by sample id, ours once or several times, and margins that were fixed before anybody saw either.
Leaves: a `Comparison`. Refuses: to call anything the same by too few samples.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from tocsin.evaluate.recognition.policy import Reasons, Values
from tocsin.evaluate.statistics import (
    MAX_INVALID_SHARE,
    MIN_CLUSTERS,
    Heterogeneity,
    Pairs,
    compare_pairs,
    heterogeneity,
    holm,
    mcnemar,
    rate,
    verdict,
)
from tocsin.evaluate.statistics.distributions import binomial_at_most
from tocsin.kernel.evaluations import Counts, LineAnswer, LineVerdict, Outcome, Rate, SampleOutcome
from tocsin.kernel.recognition import RecognitionOutcome, SampleDisagreement

MARGIN = 0.05
"""The difference of rates that two institutes may have and still be said to have found the same."""

LEVEL = 0.05
CLAIM_LEVEL = 0.001
"""Below this probability a drawn subset does not come of the counts that were claimed. Far below LEVEL: it says that
somebody's figures are not their own samples'."""

TELLING = 5
"""Samples with one and the same answer from which it is worth pointing at: an error message looks like that."""


class Margins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fixed before the draw: they are part of the challenge. `margin` is of the rate of failures."""

    margin: float = MARGIN
    invalid_limit: float = MAX_INVALID_SHARE


class Comparison(msgspec.Struct, frozen=True):
    """`pairs` is theirs less ours. `differing` are samples with another outcome, invalid ones too, by id.

    `flips` are samples that our own repeats judged otherwise, of `repeated`; `across` says whether languages differ in
    how far the two institutes are apart, None for fewer than two languages with enough pairs.
    """

    outcome: RecognitionOutcome
    reasons: Reasons
    pairs: Pairs
    theirs: Rate
    ours: Rate
    their_counts: Counts
    our_counts: Counts
    languages: dict[str, Pairs]
    differing: tuple[SampleDisagreement, ...]
    same_answers: int
    flips: int
    repeated: int
    across: Heterogeneity | None = None


def compare(
    theirs: Mapping[str, SampleOutcome],
    ours: Sequence[Mapping[str, SampleOutcome]],
    *,
    task: str,
    margins: Margins,
    claimed: Counts | None = None,
    lines: Sequence[LineAnswer] = (),
) -> Comparison:
    """What may be said. `ours` are our runs, the first is the one compared, the second says what repeats explain.

    The first rule that fits gives the outcome; the others that fit are said as well.

    1. What they opened does not come of the counts that they claimed (binomial, CLAIM_LEVEL): CONTRADICTED.
    2. Fewer than MIN_CLUSTERS samples that both judged, or more invalid ones than the limit on either side:
       INCONCLUSIVE. A broken environment that shows itself says nothing of the model.
    3. The paired interval of the difference lies wholly beyond the margin: CONTRADICTED.
    4. So it does in one language of MIN_CLUSTERS pairs at least, and its exact test holds among all languages (Holm):
       CONTRADICTED.
    5. A line that they are below we are above, or the other way round, both decided: CONTRADICTED.
    6. The paired interval does not lie wholly within the margin: INCONCLUSIVE.
    7. Samples differ more often than in our own repeats, by more than the margin: INCONCLUSIVE. Equal rates over
       unlike samples are what somebody gets who guesses the rate. Without repeats nothing is explained by them.
    8. No sample differs; or repeats of ours flip too and the difference is no more than theirs by the exact test
       (under the same process theirs and our second run are exchangeable): REPRODUCED.
    9. Otherwise COMPATIBLE.

    Raises ValueError without a run of ours, or when a run lacks a sample that they opened.
    """
    if not ours:
        raise ValueError("nothing was run here to compare with")
    for run in ours:
        if run.keys() != theirs.keys():
            raise ValueError("both sides give an outcome for each drawn sample, and for no other")
    first = ours[0]
    their_failed, our_failed = _failed(theirs), _failed(first)
    pairs = compare_pairs(their_failed, our_failed)
    judged = pairs.both + pairs.only_first + pairs.only_second + pairs.neither
    languages = _by_language(their_failed, our_failed, first)
    differing = _differing(task, theirs, first)
    their_counts, our_counts = _counts(theirs), _counts(first)
    our_rate = rate(our_counts.failed, our_counts.counted)
    repeats = _repeats(their_failed, ours)

    contradicted = [*_claims(their_counts, claimed)]
    weak = [*_weak(judged, their_counts, our_counts, margins)]
    apart: list[tuple[str, Values]] = []
    if min(abs(pairs.low), abs(pairs.high)) > margins.margin and pairs.low * pairs.high > 0:
        apart.append(("recognition.apart", _difference(pairs) | {"margin": margins.margin}))
    apart.extend(_languages_apart(languages, margins.margin))
    apart.extend(_flipped(lines, our_rate, our_counts, margins))
    within = max(abs(pairs.low), abs(pairs.high)) < margins.margin
    scattered = repeats.low > margins.margin
    differ = pairs.only_first + pairs.only_second
    explained = differ == 0 or (
        repeats.only_second + repeats.both > 0
        and (repeats.only_first <= repeats.only_second or _one_sided(repeats) > LEVEL)
    )

    reasons: list[tuple[str, Values]] = []
    if contradicted:
        outcome = RecognitionOutcome.CONTRADICTED
        reasons += contradicted + weak + apart
    elif weak:
        outcome = RecognitionOutcome.INCONCLUSIVE
        reasons += weak
    elif apart:
        outcome = RecognitionOutcome.CONTRADICTED
        reasons += apart
    elif not within:
        outcome = RecognitionOutcome.INCONCLUSIVE
        reasons.append(("recognition.not-within", _difference(pairs) | {"margin": margins.margin}))
    elif scattered:
        outcome = RecognitionOutcome.INCONCLUSIVE
        flipped = repeats.both + repeats.only_second
        reasons.append(("recognition.scattered", {"differ": differ, "samples": judged, "flips": flipped}))
    else:
        outcome = RecognitionOutcome.REPRODUCED if explained else RecognitionOutcome.COMPATIBLE
        key = "recognition.reproduced" if explained else "recognition.compatible"
        reasons.append((key, _difference(pairs) | {"differ": differ, "margin": margins.margin}))
    reasons.extend(_pointers(differing, theirs, first))
    repeated = repeats.both + repeats.only_first + repeats.only_second + repeats.neither
    return Comparison(
        outcome=outcome,
        reasons=tuple(reasons),
        pairs=pairs,
        theirs=rate(their_counts.failed, their_counts.counted),
        ours=our_rate,
        their_counts=their_counts,
        our_counts=our_counts,
        languages=languages,
        differing=differing,
        same_answers=sum(_same_answer(theirs[one], first[one]) for one in theirs),
        flips=repeats.both + repeats.only_second,
        repeated=repeated if len(ours) > 1 else 0,
        across=_across(languages),
    )


def _failed(outcomes: Mapping[str, SampleOutcome]) -> dict[str, bool | None]:
    return {
        name: None if one.outcome is Outcome.INVALID else one.outcome is Outcome.FAILED
        for name, one in outcomes.items()
    }


def _counts(outcomes: Mapping[str, SampleOutcome]) -> Counts:
    told = Counter(one.outcome for one in outcomes.values())
    return Counts(told[Outcome.PASSED], told[Outcome.FAILED], told[Outcome.INVALID])


def _by_language(
    theirs: Mapping[str, bool | None], ours: Mapping[str, bool | None], spoken: Mapping[str, SampleOutcome]
) -> dict[str, Pairs]:
    names: dict[str, list[str]] = {}
    for name, one in spoken.items():
        names.setdefault(one.language, []).append(name)
    return {
        language: compare_pairs({name: theirs[name] for name in those}, {name: ours[name] for name in those})
        for language, those in sorted(names.items())
    }


def _repeats(theirs: Mapping[str, bool | None], ours: Sequence[Mapping[str, SampleOutcome]]) -> Pairs:
    """Whether theirs differs from our first run, beside whether our second does: a pair for each sample."""
    first = _failed(ours[0])
    second = _failed(ours[1]) if len(ours) > 1 else first
    usable = [
        name
        for name in theirs
        if theirs[name] is not None and first[name] is not None and second[name] is not None
    ]
    return compare_pairs(
        {name: theirs[name] != first[name] for name in usable},
        {name: second[name] != first[name] for name in usable},
    )


def _one_sided(repeats: Pairs) -> float:
    return mcnemar(repeats.only_first, repeats.only_second) / 2


def _claims(opened: Counts, claimed: Counts | None) -> list[tuple[str, Values]]:
    drawn = opened.counted + opened.invalid
    found: list[tuple[str, Values]] = []
    if claimed is None or not drawn:
        return found
    total = claimed.counted + claimed.invalid
    for what, seen, said in (
        ("failed", opened.failed, claimed.failed),
        ("invalid", opened.invalid, claimed.invalid),
    ):
        share = said / total if total else 0.0
        below = binomial_at_most(seen, drawn, share)
        above = 1 - binomial_at_most(seen - 1, drawn, share)
        if 2 * min(below, above) < CLAIM_LEVEL:
            found.append(
                (
                    f"recognition.claimed-{what}",
                    {"seen": seen, "drawn": drawn, "said": said, "total": total},
                )
            )
    return found


def _weak(judged: int, theirs: Counts, ours: Counts, margins: Margins) -> list[tuple[str, Values]]:
    found: list[tuple[str, Values]] = []
    for side, counts in (("theirs", theirs), ("ours", ours)):
        if counts.invalid_share > margins.invalid_limit:
            share: Values = {"share": counts.invalid_share, "limit": margins.invalid_limit}
            found.append((f"recognition.invalid-{side}", share))
    if judged < MIN_CLUSTERS:
        found.append(("recognition.few-pairs", {"pairs": judged, "least": MIN_CLUSTERS}))
    return found


def _languages_apart(languages: Mapping[str, Pairs], margin: float) -> list[tuple[str, Values]]:
    asked = {
        language: pairs
        for language, pairs in languages.items()
        if pairs.both + pairs.only_first + pairs.only_second + pairs.neither >= MIN_CLUSTERS
    }
    adjusted = dict(zip(asked, holm([pairs.p for pairs in asked.values()]), strict=True))
    return [
        (
            "recognition.apart-language",
            {"language": language or "?"} | _difference(pairs) | {"margin": margin},
        )
        for language, pairs in asked.items()
        if len(asked) > 1
        and adjusted[language] <= LEVEL
        and pairs.low * pairs.high > 0
        and min(abs(pairs.low), abs(pairs.high)) > margin
    ]


def _flipped(
    lines: Sequence[LineAnswer], ours: Rate, counts: Counts, margins: Margins
) -> list[tuple[str, Values]]:
    found: list[tuple[str, Values]] = []
    for line in lines:
        here = verdict(ours, counts, line.limit, margins.invalid_limit)
        if {here, line.verdict} == {LineVerdict.BELOW, LineVerdict.ABOVE}:
            found.append(
                ("recognition.flipped", {"line": line.line, "theirs": line.verdict.value, "ours": here.value})
            )
    return found


def _difference(pairs: Pairs) -> Values:
    return {"difference": pairs.difference, "low": pairs.low, "high": pairs.high}


def _differing(
    task: str, theirs: Mapping[str, SampleOutcome], ours: Mapping[str, SampleOutcome]
) -> tuple[SampleDisagreement, ...]:
    return tuple(
        SampleDisagreement(task, name, theirs[name].outcome, ours[name].outcome, same)
        for name in sorted(theirs)
        if theirs[name].outcome is not ours[name].outcome
        for same in (_same_answer(theirs[name], ours[name]),)
    )


def _same_answer(one: SampleOutcome, other: SampleOutcome) -> bool:
    return one.answer == other.answer != ""


def _pointers(
    differing: Sequence[SampleDisagreement],
    theirs: Mapping[str, SampleOutcome],
    ours: Mapping[str, SampleOutcome],
) -> list[tuple[str, Values]]:
    """Where to look: at judges, at the environment, at one answer that one side gives again and again."""
    found: list[tuple[str, Values]] = []
    judges = sum(one.same_answer for one in differing)
    if judges:
        found.append(("recognition.judges", {"samples": judges, "differ": len(differing)}))
    if len(differing) > judges:
        found.append(
            ("recognition.environment", {"samples": len(differing) - judges, "differ": len(differing)})
        )
    for side, outcomes in (("theirs", theirs), ("ours", ours)):
        answers = Counter(outcomes[one.sample].answer for one in differing if not one.same_answer)
        answers.pop("", None)
        for answer, samples in answers.most_common(1):
            if samples >= TELLING and 2 * samples >= len(differing):
                found.append((f"recognition.one-answer-{side}", {"samples": samples, "answer": answer}))
    return found


def _across(languages: Mapping[str, Pairs]) -> Heterogeneity | None:
    estimates, variances = [], []
    for pairs in languages.values():
        judged = pairs.both + pairs.only_first + pairs.only_second + pairs.neither
        if judged >= MIN_CLUSTERS:
            # half a sample on each side, as for rates: a language without a difference has a variance too
            one, other, total = pairs.only_first + 0.5, pairs.only_second + 0.5, judged + 1
            estimates.append((one - other) / total)
            variances.append((one + other - (one - other) ** 2 / total) / total**2)
    return heterogeneity(estimates, variances) if len(estimates) > 1 else None
