"""What one institute gives to a joint test: counts, and how often clusters came out how. No item, no id of one.

Enters: an evaluation with its runs. Leaves: signed tallies. A cluster is a line of a histogram, (failed, counted), all
that a clustered rate needs: nobody learns which prompt failed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tocsin.evaluate.recognition.messages import Signed, opened_statement, sign
from tocsin.kernel import BadInput
from tocsin.kernel.evaluations import Counts, Evaluation, Outcome, Run, SampleOutcome
from tocsin.kernel.plans import Condition, Line, Plan
from tocsin.trust.signing_keys import PrivateKey, PublicKey
from tocsin.wire.in_toto import Statement, Subject

PREDICATE = "urn:tocsin:attestation:joint-tallies:1"

MAX_SHEETS = 1_000
MAX_LINES = 10_000
"""Of one histogram: clusters have some dozen samples, so some hundred lines."""

MAX_LANGUAGES = 500
MAX_PLAN_LINES = 500
"""As a plan is read."""

MAX_SAMPLES = 1_000_000_000
MAX_TEXT_CHARS = 2_000
_HEX = re.compile(r"[0-9a-f]{64}\Z")

Histogram = tuple[tuple[int, int, int], ...]
"""(failed, counted, clusters), sorted: so many clusters had so many failures of so many samples."""


class SheetTally(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One task under one condition. `languages` gives the counts of each; `reasons` why samples are invalid."""

    task: str
    version: str
    condition: Condition
    model_digest: str
    tool: str
    tool_version: str
    counts: Counts
    clusters: Histogram
    languages: dict[str, Counts] = {}
    reasons: dict[str, int] = {}


class Tallies(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`plan` is the digest of the plan that all ran; `agreement` of the judge with people, by language; `notes` what is
    peculiar to this environment, in words. `lines` are the plan's."""

    evaluation: str
    registration: str
    plan: str
    node: str
    at: int
    invalid_limit: float
    sheets: tuple[SheetTally, ...]
    agreement: dict[str, float] = {}
    notes: str = ""
    lines: tuple[Line, ...] = ()


def tallies_of(evaluation: Evaluation, runs: Sequence[Run], plan: Plan, *, notes: str = "") -> Tallies:
    """Of a kept evaluation."""
    return Tallies(
        evaluation=evaluation.id,
        registration=evaluation.registration,
        plan=evaluation.plan,
        node=evaluation.node,
        at=evaluation.at,
        invalid_limit=plan.measurement.invalid_limit,
        sheets=tuple(_sheet(run) for run in runs),
        agreement=evaluation.agreement,
        notes=notes,
        lines=plan.measurement.lines,
    )


def sealed_tallies(tallies: Tallies, key: PrivateKey) -> Signed:
    """Signed by the institute."""
    subject = Subject("plan", {"sha256": tallies.plan})
    return sign(Statement((subject,), PREDICATE, msgspec.to_builtins(tallies)), key)


def read_tallies(envelope: bytes, key: PublicKey) -> Tallies:
    """Tallies that this key signed. Raises BadInput, TooLarge, ProtocolFault."""
    return tallies_in(opened_statement(envelope, key)[0])


def tallies_in(statement: Statement) -> Tallies:
    """What a statement says, when its figures fit each other. Raises BadInput."""
    if statement.predicate_type != PREDICATE:
        raise BadInput(f"the statement is {statement.predicate_type[:100]}; {PREDICATE} is read")
    try:
        found = msgspec.convert(statement.predicate, Tallies)
    except msgspec.ValidationError as error:
        raise BadInput(f"the tallies cannot be read: {error}") from None
    if [one.digest for one in statement.subjects] != [{"sha256": found.plan}]:
        raise BadInput("the tallies are of another plan than they are signed over")
    _check(found)
    return found


def node_in(predicate: dict[str, Any]) -> str:
    """Whose tallies these say they are, to find the key to try."""
    return str(predicate.get("node", ""))[:200]


def _sheet(run: Run) -> SheetTally:
    clusters: dict[str, list[int]] = {}
    languages: dict[str, list[SampleOutcome]] = {}
    for sample in run.samples:
        languages.setdefault(sample.language, []).append(sample)
        if sample.outcome is not Outcome.INVALID:
            line = clusters.setdefault(sample.cluster, [0, 0])
            line[0] += sample.outcome is Outcome.FAILED
            line[1] += 1
    histogram = Counter((failed, counted) for failed, counted in clusters.values())
    return SheetTally(
        task=run.task,
        version=run.task_version,
        condition=run.condition,
        model_digest=run.model_digest,
        tool=run.tool,
        tool_version=run.tool_version,
        counts=_counts(run.samples),
        clusters=tuple((*line, number) for line, number in sorted(histogram.items())),
        languages={language: _counts(those) for language, those in sorted(languages.items())},
        reasons=dict(
            Counter(one.reason for one in run.samples if one.outcome is Outcome.INVALID).most_common()
        ),
    )


def _counts(samples: Iterable[SampleOutcome]) -> Counts:
    told = Counter(one.outcome for one in samples)
    return Counts(told[Outcome.PASSED], told[Outcome.FAILED], told[Outcome.INVALID])


def _check(found: Tallies) -> None:
    if not all(map(_HEX.match, (found.evaluation, found.registration, found.plan))):
        raise BadInput("the tallies have a digest that is not sha256 in lower-case hexadecimal")
    if not 0 <= found.invalid_limit <= 1 or len(found.notes) > MAX_TEXT_CHARS:
        raise BadInput(
            f"the limit of invalid samples is a share, and notes have {MAX_TEXT_CHARS} characters at most"
        )
    if len(found.lines) > MAX_PLAN_LINES or not all(0 <= one.limit <= 1 for one in found.lines):
        raise BadInput(f"a plan has {MAX_PLAN_LINES} lines at most, and each is a share, 0 to 1")
    if max((len(text) for one in found.lines for text in (one.id, one.task, one.red_line)), default=0) > (
        MAX_TEXT_CHARS
    ):
        raise BadInput(f"a line has names of {MAX_TEXT_CHARS} characters at most")
    if not found.sheets or len(found.sheets) > MAX_SHEETS:
        raise BadInput(f"tallies hold 1 to {MAX_SHEETS} sheets")
    if len({(one.task, one.condition) for one in found.sheets}) != len(found.sheets):
        raise BadInput("the tallies hold one task under one condition twice")
    for one in found.sheets:
        _check_sheet(one)


def _check_sheet(one: SheetTally) -> None:
    where = f"the tally of {one.task[:100]}"
    if len(one.clusters) > MAX_LINES or len(one.languages) > MAX_LANGUAGES:
        raise BadInput(f"{where} has over {MAX_LINES} lines or {MAX_LANGUAGES} languages")
    for counts in (one.counts, *one.languages.values()):
        if not all(0 <= each <= MAX_SAMPLES for each in (counts.passed, counts.failed, counts.invalid)):
            raise BadInput(f"{where}: counts are 0 to {MAX_SAMPLES:,}")
    for failed, counted, clusters in one.clusters:
        if not (0 <= failed <= counted <= MAX_SAMPLES and counted and 0 < clusters <= MAX_SAMPLES):
            raise BadInput(f"{where}: a cluster has no more failures than samples, and one sample at least")
    summed = tuple(sum(line[place] * line[2] for line in one.clusters) for place in (0, 1))
    if summed != (one.counts.failed, one.counts.counted):
        raise BadInput(f"{where}: its clusters add up to {summed[0]} of {summed[1]}, its counts do not")
    spoken = [(each.passed, each.failed, each.invalid) for each in one.languages.values()]
    if one.languages and tuple(map(sum, zip(*spoken, strict=True))) != (
        one.counts.passed,
        one.counts.failed,
        one.counts.invalid,
    ):
        raise BadInput(f"{where}: its languages do not add up to its counts")
