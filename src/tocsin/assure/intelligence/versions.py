"""Versions in order, and whether one lies in what an OSV entry names.

Sources: OSV schema 1.7, "Evaluation"; PEP 440 by `packaging`; Semantic Versioning 2.0.0 by `semver`. An ecosystem whose
order is not one of these is matched by the versions that an entry lists, and by nothing else: a guessed order would
call a vulnerable version clean.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

from tocsin.assure.intelligence.osv_form import OsvAffected, OsvEvent, OsvRange

MAX_VERSION_CHARS = 256

SEMVER_ECOSYSTEMS = frozenset({"npm", "crates.io", "go", "hex", "pub", "swifturl"})
"""Those whose registries take semantic versions alone."""

_NUMBERS = re.compile(r"[vV]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)", re.DOTALL)

_FIXED, _INTRODUCED, _LAST_AFFECTED = range(3)
"""In this order where two stand at one version: what is said to be introduced there counts as affected."""

Order = Callable[[str], Any]


class Answer(StrEnum):
    AFFECTED = "affected"
    ADMITS = "admits"
    """No version is fixed, and what may be installed holds an affected one."""
    UNSETTLED = "unsettled"
    """Only by commits, or in an order that is not known here."""
    NOT_AFFECTED = "not-affected"


def order_of(ecosystem: str, range_type: str = "ECOSYSTEM") -> Order | None:
    """What makes a version comparable, or None. The function raises ValueError for what is no version there."""
    if range_type == "SEMVER":
        return _semver
    if range_type != "ECOSYSTEM":
        return None
    name = ecosystem.partition(":")[0].casefold()
    if name == "pypi":
        return _pep440
    return _semver if name in SEMVER_ECOSYSTEMS else None


@lru_cache(maxsize=65_536)
def _pep440(text: str) -> Any:
    """Without the local part: 2.1.0+cu121 is a build of 2.1.0, with its flaws, and would sort after it."""
    from packaging.version import Version

    return Version(Version(_bounded(text)).public)


@lru_cache(maxsize=65_536)
def _semver(text: str) -> Any:
    """Go writes a v before it, and OSV allows "0" and "1.2": missing numbers are zeros."""
    from semver import Version

    found = _NUMBERS.fullmatch(_bounded(text))
    if found is None:
        raise ValueError("no semantic version")
    major, minor, patch, rest = found.groups()
    return Version.parse(f"{int(major)}.{int(minor or 0)}.{int(patch or 0)}{rest}")


def _bounded(text: str) -> str:
    if len(text) > MAX_VERSION_CHARS:
        raise ValueError("no version is so long")
    return text.strip()


def lies_in(version: str, affected: OsvAffected, ecosystem: str) -> Answer:
    """Whether one version is affected: 1. it is listed; 2. a range holds it; 3. whether that settles it.

    Commits (GIT) settle nothing, and need not where versions are listed or ranges could be asked.
    """
    if version in affected.versions or _listed(version, affected.versions, ecosystem):  # 1
        return Answer.AFFECTED
    asked = broken = False
    for one in affected.ranges:  # 2
        order = order_of(ecosystem, one.type)
        if order is not None:
            held = _in_range(version, one, order)
            if held:
                return Answer.AFFECTED
            asked, broken = True, broken or held is None
    settled = (asked or affected.versions) and not broken  # 3
    return Answer.NOT_AFFECTED if settled else Answer.UNSETTLED


def admits(specifier: str, affected: OsvAffected) -> Answer:
    """Whether a PEP 440 specifier ("" for any) lets an affected version of PyPI in.

    Both sides are unions of intervals; they meet exactly if they meet at a lower bound of either, or just above one.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(specifier, prereleases=True)
    except InvalidSpecifier:
        return Answer.UNSETTLED
    answers = set()
    for version in _candidates(wanted, affected):
        if wanted.contains(version):
            answer = lies_in(version, affected, "PyPI")
            if answer is Answer.AFFECTED:
                return Answer.ADMITS
            answers.add(answer)
    return Answer.UNSETTLED if Answer.UNSETTLED in answers or not answers else Answer.NOT_AFFECTED


def _candidates(wanted: Any, affected: OsvAffected) -> Iterator[str]:
    from packaging.version import InvalidVersion, Version

    bounds = {"0", *(event.introduced for one in affected.ranges for event in one.events if event.introduced)}
    bounds |= {clause.version.removesuffix(".*") for clause in wanted}
    for text in sorted(bounds):
        try:
            version = Version(_bounded(text))
        except (InvalidVersion, ValueError):
            continue
        yield str(version)
        yield f"{version.epoch}!{'.'.join(map(str, version.release))}.0.0.0.1"
    yield from affected.versions


def _listed(version: str, versions: Sequence[str], ecosystem: str) -> bool:
    """The same version spelt otherwise (1.0 and 1.0.0), where an order is known."""
    order = order_of(ecosystem)
    if order is None or not versions:
        return False
    try:
        asked = order(version)
    except ValueError:
        return False
    return any(_same(order, asked, other) for other in versions)


def _same(order: Order, asked: Any, other: str) -> bool:
    try:
        return bool(order(other) == asked)
    except ValueError:
        return False


def _in_range(version: str, one: OsvRange, order: Order) -> bool | None:
    """The events at or before the version are gone through in order. None where something has no place in it."""
    try:
        asked = order(version)
        held = False
        for at, kind in sorted((step for event in one.events for step in _steps(event, order)), key=_place):
            if kind == _LAST_AFFECTED:
                held = held and not asked > at
            elif at is None or asked >= at:
                held = kind == _INTRODUCED
        limits = [order(event.limit) for event in one.events if event.limit not in (None, "*")]
        return held and (not limits or any(asked < limit for limit in limits))
    except ValueError:
        return None


def _steps(event: OsvEvent, order: Order) -> Iterator[tuple[Any, int]]:
    if event.introduced is not None:  # "0" is before every version, pre-releases of 0 too
        yield (None if event.introduced == "0" else order(event.introduced)), _INTRODUCED
    if event.fixed is not None:
        yield order(event.fixed), _FIXED
    if event.last_affected is not None:
        yield order(event.last_affected), _LAST_AFFECTED


def _place(step: tuple[Any, int]) -> tuple[Any, ...]:
    at, kind = step
    return (0, kind) if at is None else (1, at, kind)
