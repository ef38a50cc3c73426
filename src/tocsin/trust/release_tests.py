"""Tests that ship beside the release policies: a model in words, and the tier and rules expected of it.

A file `NAME.tests.yaml` beside `NAME.cedar` holds a list. What a question does not say is as in `ORDINARY`: a model
that was measured stripped too, holds its lines, and has clean files. `rules` are those that leave no more than `tier`.

    - name: nothing measured
      release: {evaluations: 0}
      tier: withheld
      rules: [release.nothing-measured]
"""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from tocsin.kernel import BadInput
from tocsin.kernel.release import Tier
from tocsin.trust.policy_tests import read_tests
from tocsin.trust.release_policy import FOLDER, ReleasePolicies, ReleaseQuestion

ORDINARY = ReleaseQuestion(
    evaluations=1,
    restrict="below",
    files="clean",
    measured=("as-shipped", "safeguards-removed"),
    domains=("domain.cyber",),
    agreement=1_000,
)


class ReleaseTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    release: dict[str, Any]
    tier: Tier
    rules: tuple[str, ...] | None = None
    file: str = ""


class ReleaseOutcome(msgspec.Struct, frozen=True):
    """What a test asked and what the policies said. `failed` says how they differ, empty when they do not."""

    test: ReleaseTest
    tier: Tier
    rules: tuple[str, ...]
    failed: str


def release_tests(folder: Path | None = None) -> tuple[ReleaseTest, ...]:
    """The tests that ship with Tocsin, and those beside a node's own policies. Raises BadInput naming a bad file."""
    found = read_tests(resources.files("tocsin.trust").joinpath("policies", FOLDER), "", ReleaseTest, _asks)
    if folder is not None and folder.is_dir():
        found += read_tests(folder, "own/", ReleaseTest, _asks)
    return found


def run_release_tests(policies: ReleasePolicies, tests: Iterable[ReleaseTest]) -> tuple[ReleaseOutcome, ...]:
    """Each test asked of these policies."""
    return tuple(_run(policies, test) for test in tests)


def ordinary(**changes: Any) -> ReleaseQuestion:
    """`ORDINARY` with some things otherwise. Raises BadInput for what no question knows."""
    try:
        return msgspec.convert(msgspec.to_builtins(ORDINARY) | changes, ReleaseQuestion)
    except msgspec.ValidationError as error:
        raise BadInput(f"a release test asks what no release policy is asked: {error}") from None


def _run(policies: ReleasePolicies, test: ReleaseTest) -> ReleaseOutcome:
    answer = policies.how_far(ordinary(**test.release))
    rules = tuple(sorted(name for name, most in answer.most.items() if most is answer.tier))
    failed = ""
    if answer.tier is not test.tier:
        failed = f"was {answer.tier.value}"
    elif test.rules is not None and set(test.rules) != set(rules):
        failed = "was decided by other rules"
    return ReleaseOutcome(test, answer.tier, rules, failed)


def _asks(test: ReleaseTest, file: str) -> None:
    ordinary(**test.release)
