"""A study as a file: read, checked as a whole, and given a digest that a changed study does not share."""

from collections.abc import Iterator
from hashlib import sha256
from importlib import resources
from math import isfinite
from typing import Any

import msgspec

from tocsin.evaluate.plans.canonical import canonical_bytes
from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.kernel.studies import ArmRole, Study
from tocsin.taxonomy.vocabulary import vocabulary

MAX_FILE_BYTES = 64 << 10
"""Of words of people; the template has 3 KiB."""

MAX_ARMS = 6
MAX_MILESTONES = 12
"""More than graders can keep apart; each is a parameter that the data must carry."""

MAX_CELLS = 64
"""Combinations of strata: beyond, most hold a handful of participants, and a handful is recognised."""

MAX_PARTICIPANTS = 100_000
MAX_LOOKS = 10
MAX_TEXT_CHARS = 4_000
MAX_NAME_CHARS = 64
PROPORTIONAL_ODDS = "proportional-odds"

MIN_SHARE = 0.001
"""Of an expected level: a level that nobody is expected at says nothing of power."""


def template() -> str:
    """A study to start from, with comments."""
    return resources.files("tocsin.evaluate.uplift").joinpath("template.yaml").read_text("utf-8")


def read_study(data: bytes, name: str = "the study") -> Study:
    """A study from YAML, checked. Raises BadInput with every fault that was found; TooLarge."""
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"{name} is larger than {MAX_FILE_BYTES >> 10} KiB")
    _plain(data, name)
    try:
        study = msgspec.yaml.decode(data, type=Study)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadInput(f"{name}: {str(error)[:300]}; `tocsin study template` shows the form") from None
    if faults := list(_faults(study)):
        raise BadInput(f"{name}: " + "; ".join(faults))
    return study


def study_digest(study: Study) -> str:
    """sha256, hex, of the study's canonical bytes (JCS, without what is at its default): spacing and comments do not
    count.
    """
    return sha256(canonical_bytes(study)).hexdigest()


def changed(registered: Study, now: Study) -> list[str]:
    """What differs, by field: "analysis.adjust: true, and was false"."""
    return list(_differences(msgspec.to_builtins(registered), msgspec.to_builtins(now), ""))


def _differences(before: Any, after: Any, at: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _differences(before.get(key), after.get(key), f"{at}.{key}" if at else str(key))
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(old, new, f"{at}[{index}]")
    elif before != after:
        yield f"{at}: {_short(after)}, and was {_short(before)}"


def _short(value: Any) -> str:
    return msgspec.json.encode(value).decode()[:80]


def _plain(data: bytes, name: str) -> None:
    """Aliases make a small file a large one, and two readers see what only one wrote."""
    import yaml

    try:
        for event in yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.AliasEvent):
                raise BadInput(f"{name} uses an alias (*{str(event.anchor)[:32]}): write it out")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInput(f"{name} is no YAML: {' '.join(str(error).split())[:300]}") from None


def _faults(study: Study) -> Iterator[str]:
    yield from _texts(study)
    yield from _arms(study)
    yield from _sizes(study)
    yield from _numbers(study)
    if study.domain not in {concept.id for concept in vocabulary().of("domain")}:
        yield f"domain {study.domain[:64]!r} is none of the taxonomy's: `tocsin taxonomy show`"
    if study.analysis.method != PROPORTIONAL_ODDS:
        yield f"analysis.method is {PROPORTIONAL_ODDS}, the only one there is"


def _texts(study: Study) -> Iterator[str]:
    said = {
        "name": study.name,
        "version": study.version,
        "question": study.question,
        "not_covered": study.not_covered,
        "stopping": study.stopping,
        "prior.why": study.prior.why,
        **{f"access of {arm.name[:32]!r}": arm.access for arm in study.arms},
        **{f"reached_when of {one.name[:32]!r}": one.reached_when for one in study.milestones},
    }
    for field, text in said.items():
        if not text.strip():
            yield f"{field} is empty: say it before the study, not after"
        elif len(text) > MAX_TEXT_CHARS:
            yield f"{field} is longer than {MAX_TEXT_CHARS} characters"
    named = [arm.name for arm in study.arms], [one.name for one in study.milestones]
    for names, kind in zip(named, ("arms", "milestones"), strict=True):
        if len(set(names)) < len(names):
            yield f"two {kind} have one name"
        yield from (
            f"the name {name[:32]!r} is not short and printable" for name in names if not named_well(name)
        )


def _arms(study: Study) -> Iterator[str]:
    roles = [arm.role for arm in study.arms]
    if roles.count(ArmRole.CONTROL) != 1 or roles.count(ArmRole.TREATMENT) != 1:
        yield "one arm is the control and one the treatment; others are `other`"
    if len(study.arms) > MAX_ARMS:
        yield f"more than {MAX_ARMS} arms"
    for arm in study.arms:
        if arm.role is ArmRole.TREATMENT and arm.model is None:
            yield f"arm {arm.name[:32]!r}: `model` says which model, by digest"
        if arm.role is ArmRole.CONTROL and arm.model is not None:
            yield f"arm {arm.name[:32]!r} is the control and has a model"


def _sizes(study: Study) -> Iterator[str]:
    if not 1 <= len(study.milestones) <= MAX_MILESTONES:
        yield f"from 1 to {MAX_MILESTONES} milestones"
    cells = 1
    for stratum, values in study.strata.items():
        cells *= max(1, len(values))
        if len(values) < 2 or len(set(values)) < len(values):
            yield f"stratum {stratum[:32]!r} takes two different values at least"
        yield from (
            f"the name {name[:32]!r} is not short and printable"
            for name in (stratum, *values)
            if not named_well(name)
        )
    if cells > MAX_CELLS:
        yield f"strata make {cells} cells, {MAX_CELLS} is the most: make them coarser"
    if not 2 <= study.participants_per_arm <= MAX_PARTICIPANTS // max(1, len(study.arms)):
        yield f"participants_per_arm: 2 at least, and {MAX_PARTICIPANTS:,} in all"
    looks = study.analysis.looks
    if looks and (
        len(looks) > MAX_LOOKS
        or list(looks) != sorted(set(looks))
        or looks[0] < 1
        or looks[-1] != study.planned
    ):
        yield f"analysis.looks rise to all participants ({study.planned}), {MAX_LOOKS} at most"
    if not study.block_sizes or not all(1 <= size <= 10 for size in study.block_sizes):
        yield "block_sizes are from 1 to 10"


def _numbers(study: Study) -> Iterator[str]:
    if len(study.expected) != study.levels:
        yield f"expected has {study.levels} shares, for no milestone and each of them"
    if (
        not all(isfinite(share) and share >= MIN_SHARE for share in study.expected)
        or abs(sum(study.expected) - 1) > 1e-6
    ):
        yield f"expected are shares of {MIN_SHARE} at least that sum to 1"
    for field, ratio in (("smallest_effect", study.smallest_effect), ("line", study.line)):
        if not 1.05 <= ratio <= 100:
            yield f"{field} is an odds ratio from 1.05 to 100"
    shares = {
        "power": (study.power, 0.5, 0.99),
        "dropout": (study.dropout, 0.0, 0.9),
        "analysis.missing_limit": (study.analysis.missing_limit, 0.0, 1.0),
        "grading.least_agreement": (study.grading.least_agreement, 0.0, 1.0),
        "prior.sd": (study.prior.sd, 0.05, 5.0),
        "elicitation.hours": (study.elicitation.hours, 0.01, 10_000.0),
    }
    for field, (value, low, high) in shares.items():
        if not low <= value <= high:  # NaN is neither
            yield f"{field} is from {low:g} to {high:g}"
    if not 1 <= study.grading.graders <= 10 or study.elicitation.attempts < 1:
        yield "from 1 to 10 graders, and an attempt at least"


def named_well(name: str) -> bool:
    """Whether a name can stand in a table and in a path of fields."""
    return 0 < len(name) <= MAX_NAME_CHARS and name.isprintable() and not set(name) & set("|=;\t")
