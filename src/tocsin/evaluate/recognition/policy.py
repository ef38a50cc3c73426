"""Policy: which evaluations of which nodes an operator takes as they are. Nothing configured, nothing taken.

Enters: the bytes of recognition.yaml, and what a peer shows. Leaves: ACCEPTED or NOT_RECOGNISED with every reason.
Every rule that fits must be satisfied, so that one more rule can only refuse more; where none fits, nothing is taken.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase

import msgspec
import yaml

from tocsin.kernel import BadInput, TooLarge, at_micros
from tocsin.kernel.evaluations import Evaluation
from tocsin.kernel.plans import Condition, Plan
from tocsin.kernel.recognition import RecognitionOutcome
from tocsin.trust.signing_keys import PublicKey, read_public
from tocsin.trust.signing_policy import OneKeyOnce, ReadFile

MAX_POLICY_BYTES = 1 << 20
MAX_RULES = 1_000
MAX_NAMED = 10_000
"""Nodes, domains, tasks and languages of one rule."""

MAX_AGE_DAYS = 3_660
"""Ten years: longer is a slip of the pen."""

ANY_LANGUAGE = "*"
"""In `least_agreement`: each language that has no figure of its own."""

Values = dict[str, str | int | float]
Reasons = tuple[tuple[str, Values], ...]
"""Ids of sentences (taxonomy/reasons.yaml) with what fills them, deciding first."""


class RecognitionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be shown. `nodes` and `domains` are shell patterns; what a rule leaves out is as strict as it can be.

    `tasks` gives the version of each task that is recognised; "*" as a version takes any, and is a choice to be made
    aloud. `least_agreement` is of the judge with people, by language. `conditions` must all have been measured.
    """

    nodes: tuple[str, ...]
    domains: tuple[str, ...]
    tasks: dict[str, str]
    least_agreement: dict[str, float]
    invalid_limit: float = 0.05
    widest_interval: float = 0.2
    max_age_days: int = 180
    max_attempts: int = 1
    """Of one registration: who runs until it passes shows it."""
    conditions: tuple[Condition, ...] = (Condition.AS_SHIPPED, Condition.SAFEGUARDS_REMOVED)
    unsafe_unregistered: bool = False
    """Take an evaluation whose plan nobody can see to be older than its run."""

    def fits(self, node: str, domain: str) -> bool:
        return any(fnmatchcase(node, one) for one in self.nodes) and any(
            fnmatchcase(domain, one) for one in self.domains
        )


class Policy(msgspec.Struct, frozen=True):
    """`keys` says who a node is: what another key signs in its name is not its own. `digest` is of the file."""

    keys: dict[str, PublicKey] = {}
    rules: tuple[RecognitionRule, ...] = ()
    digest: str = ""

    def key_of(self, node: str) -> PublicKey:
        """The key that a node's word is checked with. Raises BadInput for one that is not named."""
        key = self.keys.get(node)
        if key is None:
            raise BadInput(
                f"the policy of recognition has no key of {node[:64]!r}: add it to `nodes`, read to you"
            )
        return key


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    nodes: dict[str, str] = {}
    """Node id to the PEM of its release key, or the name of a file with it."""
    rules: tuple[RecognitionRule, ...] = ()


class Shown(msgspec.Struct, frozen=True):
    """What a peer shows. `registered` says that the commitment verifies against the plan and the samples' sheets, and
    that the registration is signed by the node and older than the first sample; `signed` that the evaluation is."""

    evaluation: Evaluation
    plan: Plan | None = None
    signed: bool = False
    registered: bool = False


def read_policy(data: bytes, read_file: ReadFile) -> Policy:
    """A policy from recognition.yaml; `read_file` gives the files that it names, relative to its own folder.

    Raises BadInput with the place that is wrong, TooLarge.
    """
    if len(data) > MAX_POLICY_BYTES:
        raise TooLarge(f"the policy of recognition is over {MAX_POLICY_BYTES} bytes")
    try:
        file = msgspec.convert(yaml.load(data, OneKeyOnce), _File)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        raise BadInput(f"the policy of recognition cannot be read: {str(error)[:300]}") from None
    if file.version != 1:
        raise BadInput(f"the policy of recognition is of version {file.version}; version 1 is read")
    if len(file.rules) > MAX_RULES:
        raise TooLarge(f"the policy of recognition has over {MAX_RULES} rules")
    for number, rule in enumerate(file.rules, start=1):
        _check(f"rule {number} of the policy of recognition", rule)
    if len(file.nodes) > MAX_NAMED:
        raise TooLarge(f"the policy of recognition has over {MAX_NAMED} nodes")
    keys = {
        node: read_public(pem.encode() if "-----BEGIN" in pem else read_file(pem))
        for node, pem in file.nodes.items()
    }
    return Policy(keys, file.rules, hashlib.sha256(data).hexdigest())


def _check(where: str, rule: RecognitionRule) -> None:
    for name in ("nodes", "domains", "tasks", "least_agreement", "conditions"):
        given = getattr(rule, name)
        if not given:
            raise BadInput(
                f"{where} leaves {name} empty, so that it would ask for nothing: name at least one"
            )
        if len(given) > MAX_NAMED:
            raise TooLarge(f"{where} has over {MAX_NAMED} {name}")
    shares = {"invalid_limit": rule.invalid_limit, "widest_interval": rule.widest_interval}
    shares |= {f"least_agreement of {language}": least for language, least in rule.least_agreement.items()}
    for name, value in shares.items():
        if not 0 <= value <= 1:
            raise BadInput(f"{where}: {name} is {value}; it is a share, 0 to 1")
    if not 1 <= rule.max_age_days <= MAX_AGE_DAYS:
        raise BadInput(
            f"{where} takes evaluations of {rule.max_age_days} days; 1 to {MAX_AGE_DAYS} can be asked for"
        )


def judge(policy: Policy, shown: Shown, *, now: datetime) -> tuple[RecognitionOutcome, Reasons]:
    """ACCEPTED or NOT_RECOGNISED. Every reason is given, not the first: a peer can mend all of it at once.

    1. The evaluation is signed by the node that it names. 2. A rule fits node and domain. Then for each that fits:
    3. its plan was registered before the run; 4. every task is of the version that is recognised; 5. each language's
    judge agrees with people; 6. invalid samples; 7. the width of each interval, and that it decides at all; 8. age, and
    the evaluation's own day of review; 9. every condition was measured.
    """
    evaluation = shown.evaluation
    found: list[tuple[str, Values]] = []
    if not shown.signed:
        found.append(("recognition.not-signed", {"node": evaluation.node}))
    fitting = [rule for rule in policy.rules if rule.fits(evaluation.node, evaluation.domain)]
    if not fitting:
        found.append(("recognition.no-rule", {"node": evaluation.node, "domain": evaluation.domain}))
    for rule in fitting:
        for reason in _lacking(rule, shown, now):
            if reason not in found:
                found.append(reason)
    if found:
        return RecognitionOutcome.NOT_RECOGNISED, tuple(found)
    return RecognitionOutcome.ACCEPTED, (("recognition.accepted", {"rules": len(fitting)}),)


def _lacking(rule: RecognitionRule, shown: Shown, now: datetime) -> Iterator[tuple[str, Values]]:
    evaluation, plan = shown.evaluation, shown.plan
    if not shown.registered and not rule.unsafe_unregistered:
        yield "recognition.not-registered", {}
    if plan is None:
        yield "recognition.no-plan", {}
    else:
        yield from _versions(rule, evaluation, plan)
        yield from _agreement(rule.least_agreement, evaluation.agreement, plan)
    if evaluation.attempt > rule.max_attempts:
        yield "recognition.attempts", {"attempt": evaluation.attempt, "limit": rule.max_attempts}
    yield from _results(rule, evaluation)
    age = now - at_micros(evaluation.at)
    if age > timedelta(days=rule.max_age_days):
        yield "recognition.old", {"days": age.days, "limit": rule.max_age_days}
    if age < timedelta(0):
        yield "recognition.to-come", {}
    if _passed(evaluation.review_by, now.date()):
        yield "recognition.review-due", {"day": evaluation.review_by}
    measured = {condition for condition, _ in evaluation.measured}
    for condition in rule.conditions:
        if condition not in measured:
            yield "recognition.condition", {"condition": condition.value}


def _results(rule: RecognitionRule, evaluation: Evaluation) -> Iterator[tuple[str, Values]]:
    if not evaluation.results:
        yield "recognition.no-results", {}
    for result in evaluation.results:
        share, width = result.counts.invalid_share, result.rate.high - result.rate.low
        if share > rule.invalid_limit:
            yield (
                "recognition.invalid",
                {"task": result.task, "share": share, "limit": rule.invalid_limit},
            )
        if not result.rate.enough:
            yield "recognition.few-clusters", {"task": result.task, "clusters": result.rate.clusters}
        if width > rule.widest_interval:
            yield "recognition.wide", {"task": result.task, "width": width, "limit": rule.widest_interval}


def _versions(rule: RecognitionRule, evaluation: Evaluation, plan: Plan) -> Iterator[tuple[str, Values]]:
    versions = {one.task: one.version for one in plan.content}
    for task in sorted({result.task for result in evaluation.results} | versions.keys()):
        theirs, ours = versions.get(task), rule.tasks.get(task)
        if ours is None:
            yield "recognition.task", {"task": task}
        elif theirs is None:
            yield "recognition.unplanned", {"task": task}
        elif ours not in (theirs, "*"):
            yield "recognition.version", {"task": task, "theirs": theirs, "ours": ours}


def _agreement(
    least: Mapping[str, float], agreed: Mapping[str, float], plan: Plan
) -> Iterator[tuple[str, Values]]:
    if not plan.measurement.judges:
        yield "recognition.no-judge", {}
    if all(judge.kind == "people" for judge in plan.measurement.judges):
        return
    for language in plan.coverage.languages:
        wanted = least.get(language, least.get(ANY_LANGUAGE))
        if wanted is None:
            yield "recognition.language", {"language": language}
        elif language not in agreed:
            yield "recognition.no-agreement", {"language": language}
        elif not agreed[language] >= wanted:  # NaN is no agreement
            yield (
                "recognition.agreement",
                {"language": language, "agreement": round(agreed[language], 3), "limit": wanted},
            )


def _passed(day: str, today: date) -> bool:
    try:
        return date.fromisoformat(day) < today
    except ValueError:
        return True
