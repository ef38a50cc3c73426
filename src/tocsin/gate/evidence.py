"""What is brought for one artefact, turned into the one question that the policies are asked.

Enters: evaluations, an inspection, red lines, peers' words, the context, overlays, exemptions. Leaves: a `Weighed`: the
question, and behind each of its attributes the evidence it comes from. Refuses: an evaluation of other bytes.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from tocsin.gate.domains import needed_domains, worst_verdict
from tocsin.gate.lines import (
    EXPIRED,
    TAMPERED,
    Source,
    as_red_lines_read,
    day_of,
    lines_today,
    part_of,
    source_of,
)
from tocsin.gate.overlays import Borne, Overlay, bears, least_open, thousandths
from tocsin.gate.red_lines import RedLineAnswer, answer, standing
from tocsin.gate.whose import Word, unsigned_domains, word_of, worst_word
from tocsin.gate.whose import counts as is_evidence
from tocsin.kernel import BadInput, at_micros, micros
from tocsin.kernel.artefacts import ArtefactVerdict, Inspection
from tocsin.kernel.evaluations import Evaluation, LineVerdict
from tocsin.kernel.plans import Condition
from tocsin.kernel.recognition import Recognition
from tocsin.kernel.red_lines import RedLine
from tocsin.kernel.release import OPENNESS, Exemption
from tocsin.taxonomy.vocabulary import vocabulary
from tocsin.trust.release_policy import ReleaseQuestion

MAX_EVALUATIONS = 200
MAX_LINES = 2_000
"""Lines of all of them. Each that is not shown held is looked for in every other: a few million looks at most."""

PEOPLE = 2
"""Who sets a rule aside, and who lets a decision into force."""


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """All that is brought for one artefact. `artefact` is its digest, `reopened` why its inspection is open again.

    `provenance` is "accepted" or "refused" where signatures were judged. `compute` are operations of training.
    `met` names demands of overlays that were met, as "overlay/demand".
    """

    artefact: str
    name: str
    evaluations: tuple[Evaluation, ...] = ()
    inspection: Inspection | None = None
    reopened: str = ""
    red_lines: tuple[RedLine, ...] = ()
    recognitions: tuple[Recognition, ...] = ()
    provenance: str = ""
    contexts: tuple[str, ...] = ()
    compute: float | None = None
    overlays: tuple[Overlay, ...] = ()
    met: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    words: Mapping[str, Word] = {}
    """Whose word each evaluation is that somebody brought, by its id; the others were measured here."""


class Weighed(msgspec.Struct, frozen=True):
    """`sources` are by attribute of the question. `ends` are days on which some of it stops counting."""

    question: ReleaseQuestion
    sources: Mapping[str, tuple[Source, ...]]
    red_lines: tuple[RedLineAnswer, ...]
    borne: tuple[Borne, ...]
    exemptions: tuple[Exemption, ...]
    ends: tuple[date, ...]


def plain_digest(digest: str) -> str:
    """Hexadecimal, without the algorithm before it."""
    return digest.removeprefix("sha256:")


def weigh(brought: Brought, now: datetime) -> Weighed:
    """1. Only what speaks of these bytes. 2. Lines, each at its worst. 3. Red lines. 4. Files. 5. The words of peers.
    6. Overlays. 7. Exemptions in force.

    Raises BadInput for an evaluation or inspection of other bytes, and for words that mean nothing here.
    """
    _check(brought)  # 1
    today = now.date()
    words = brought.words
    in_force = [one for one in brought.evaluations if day_of(one.review_by) >= today]
    current = [one for one in in_force if is_evidence(words, one)]
    sources: dict[str, list[Source]] = {"evaluations": [], "peers": [], "unsigned": []}
    for one in brought.evaluations:
        source = _evaluation(one, word_of(words, one), "in-force" if one in in_force else EXPIRED)
        sources["evaluations" if is_evidence(words, one) else "peers"].append(source)
        if one in in_force and word_of(words, one) is Word.UNSIGNED:
            sources["unsigned"].append(source)
    counting = {one.id for one in current}
    lines = lines_today(brought.evaluations, words, today)  # 2
    worst = {"catastrophic": "none", "block": "none", "restrict": "none", "tampered": "none"}
    unproven: set[str] = set()
    unmeasured: set[str] = set()
    for evaluation, line, at in lines:
        part = part_of(evaluation, line, at, in_force=evaluation.id in counting)
        source = source_of(evaluation, line, at, word_of(words, evaluation))
        sources.setdefault(part, []).append(source)
        if part in worst:
            worst[part] = worst_verdict((worst[part], at))
            if part == "tampered":  # as shipped it is held
                worst["restrict"] = worst_verdict((worst["restrict"], LineVerdict.BELOW.value))
            elif at in (EXPIRED, LineVerdict.INCONCLUSIVE, LineVerdict.INVALID):
                unproven.add(evaluation.domain)
                sources.setdefault("unproven", []).append(source)
    domains = {one.domain for one in current}
    touched = domains | needed_domains(brought.contexts)
    red_lines = tuple(  # 3
        answer(one, as_red_lines_read(lines, words), domains=touched, compute=brought.compute)
        for one in brought.red_lines
        if standing(one, now)
    )
    for red in red_lines:
        if red.untested:
            sources.setdefault("untested", []).append(Source(red.id, red.outcome, red.values))
        if red.bears:
            sources.setdefault("red_line", []).append(Source(red.id, red.outcome, red.values))
            if red.outcome == "not-measured":
                unmeasured.add(red.domain)
                named = {"name": "red line", "name_zh": "红线", "line": red.values["title"]}
                sources.setdefault("unproven", []).append(Source(red.id, red.outcome, named))
    outcomes = [red.outcome for red in red_lines if red.bears]
    files, told = _files(brought)  # 4
    sources["files"] = [told]
    sources["provenance"] = [Source("signatures", brought.provenance or "none")]
    measured = frozenset.intersection(*(_measured(one) for one in current)) if current else frozenset()
    short = [one for one in current if not _measured(one) & TAMPERED]
    sources["measured"] = [_evaluation(one, word_of(words, one), "in-force") for one in short]
    if not current:
        sources["measured"] = [Source("", "", {"name": "nothing was measured", "name_zh": "尚无任何评测"})]
    sources["agreement"] = [
        Source(one.id, "", {"name": one.name, "language": language, "agreement": _finite(value)})
        for one in current
        for language, value in one.agreement.items()
    ]
    recognition, sources["recognition"] = _recognition(brought.recognitions, in_force)  # 5
    sources["contexts"] = [
        Source(context, domain, {"context": context, "domain": domain})
        for context in brought.contexts
        for domain in needed_domains((context,)) - domains
    ]
    borne = tuple(  # 6
        found
        for one in brought.overlays
        if (
            found := bears(
                one, today=today, compute=brought.compute, contexts=brought.contexts, met=brought.met
            )
        )
    )
    sources["overlay"] = [Source(one.overlay.id, one.most.value, _overlay(one)) for one in borne]
    exemptions = tuple(one for one in brought.exemptions if counts(one, brought.artefact, micros(now)))  # 7
    question = ReleaseQuestion(
        evaluations=len(current),
        catastrophic=worst["catastrophic"],
        block=worst["block"],
        restrict=worst["restrict"],
        tampered=worst["tampered"],
        unproven=tuple(sorted(unproven)),
        unmeasured=tuple(sorted(unmeasured)),
        red_line=next((one for one in ("crossed", "not-measured", "clear") if one in outcomes), "none"),
        files=files,
        measured=tuple(sorted(measured)),
        domains=tuple(sorted(domains)),
        contexts=tuple(sorted(set(brought.contexts))),
        compute=thousandths(brought.compute),
        agreement=_agreement(current),
        unsigned=unsigned_domains(words, current),
        recognition=recognition,
        provenance=brought.provenance or "none",
        overlay=OPENNESS.index(least_open(one.most for one in borne)),
        exempt=tuple(sorted({one.rule for one in exemptions})),
    )
    return Weighed(
        question,
        {name: tuple(found) for name, found in sources.items()},
        red_lines,
        borne,
        exemptions,
        _ends(brought, current, exemptions, now),
    )


def counts(exemption: Exemption, artefact: str, at: int) -> bool:
    """Whether an exemption is for these bytes, in its days, and signed by two people at least."""
    return (
        plain_digest(exemption.artefact) == plain_digest(artefact)
        and exemption.at <= at < exemption.until
        and len(set(exemption.by)) >= PEOPLE
    )


def _check(brought: Brought) -> None:
    if (
        len(brought.evaluations) > MAX_EVALUATIONS
        or sum(len(one.lines) for one in brought.evaluations) > MAX_LINES
    ):
        raise BadInput(
            f"over {MAX_EVALUATIONS} evaluations or {MAX_LINES} lines were brought; bring those in force"
        )
    digest = plain_digest(brought.artefact)
    for one in brought.evaluations:
        if plain_digest(one.model_digest) != digest:
            raise BadInput(
                f"the evaluation {one.name[:80]!r} is of {one.model_digest[:24] or 'bytes that it does not name'}, and"
                f" the decision is of {digest[:16]}: evaluate exactly these bytes"
            )
        day_of(one.review_by)
    if brought.inspection is not None and brought.inspection.artefact != digest:
        raise BadInput(
            f"the inspection is of {brought.inspection.artefact[:16]}, and the decision of {digest[:16]}: inspect these"
        )
    known = {one.id for one in vocabulary().concepts if one.facet == "context"}
    for context in brought.contexts:
        if context not in known:
            raise BadInput(
                f"there is no high-risk context {context[:60]!r}; there are {', '.join(sorted(known))}"
            )
    if brought.provenance not in ("", "accepted", "refused"):
        raise BadInput("provenance is accepted or refused, or nothing where no signature was judged")
    if brought.compute is not None and not (math.isfinite(brought.compute) and brought.compute >= 1):
        raise BadInput("training compute is a number of operations, such as 3e25")


def _evaluation(one: Evaluation, word: Word, at: str) -> Source:
    values: dict[str, str | int | float] = {
        "name": one.name,
        "domain": one.domain,
        "review_by": one.review_by,
        "word": word.value,
    }
    return Source(one.id, at, values)


def _measured(one: Evaluation) -> frozenset[Condition]:
    return frozenset(condition for condition, _ in one.measured)


def _agreement(evaluations: Iterable[Evaluation]) -> int:
    """The least, in thousandths."""
    given = [value for one in evaluations for value in one.agreement.values()]
    return min((round(_finite(one) * 1_000) for one in given), default=1_000)


def _finite(value: float) -> float:
    """What is no number agrees with nobody."""
    return value if math.isfinite(value) else 0.0


def _files(brought: Brought) -> tuple[str, Source]:
    inspection = brought.inspection
    if inspection is None:
        return "missing", Source("", "missing")
    found: dict[str, str | int | float] = {
        "rules": ", ".join(
            sorted({f.rule for f in inspection.findings if f.verdict is not ArtefactVerdict.CLEAN})[:8]
        ),
        "scanner": inspection.scanner,
        "reopened": brought.reopened,
    }
    at = inspection.verdict.value
    if brought.reopened and inspection.verdict is ArtefactVerdict.CLEAN:
        at = "reopened"
    return at, Source(f"sha256:{inspection.artefact}", at, found)


def _recognition(
    recognitions: Sequence[Recognition], evaluations: Sequence[Evaluation]
) -> tuple[str, list[Source]]:
    ids = {one.id for one in evaluations}
    found = [one for one in recognitions if one.evaluation in ids]
    words = [Source(one.evaluation, one.outcome.value, {"by": one.by, "theirs": one.theirs}) for one in found]
    return worst_word(found), words


def _overlay(one: Borne) -> dict[str, str | int | float]:
    return {
        "overlay": one.overlay.id,
        "title": one.overlay.title.en,
        "title_zh": one.overlay.title.zh,
        "article": f"{one.overlay.source}, {one.overlay.article}".rstrip(", "),
        "unmet": ", ".join(d.id for d in one.unmet if d.until is not None)
        or ("state-compute" if one.asks_compute else ""),
    }


def _ends(
    brought: Brought, current: Sequence[Evaluation], exemptions: Sequence[Exemption], now: datetime
) -> tuple[date, ...]:
    """Days from which on the question may be another: it is asked again by then."""
    ends = [day_of(one.review_by) for one in current]
    ends += [at_micros(one.until).date() for one in exemptions]
    reviews = [at_micros(one.review_by).date() for one in brought.red_lines if standing(one, now)]
    ends += [day for day in reviews if day > now.date()]  # a line past its review stands still
    ends += [
        one.applies_from for one in brought.overlays if one.applies_from and one.applies_from > now.date()
    ]
    return tuple(ends)
