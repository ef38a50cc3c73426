"""Tests that ship beside policies: a question in words, and the verdict and rules expected of it.

A file `NAME.tests.yaml` beside `NAME.cedar` holds a list. What a question does not say is as in `ORDINARY`: a
record that may leave, to a peer that may have it.

    - name: a record under embargo stays
      share: {embargoed: true}
      rules: [share.embargo]
    - name: a source learns nothing
      act: event.read
      roles: [source]
      rules: [policy.default-deny]
    - name: an ordinary record leaves
      share: {}
      allowed: true
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from tocsin.kernel import TLP, BadInput, Origin, PeerStatus, Role
from tocsin.trust.policy import MAX_POLICY_BYTES, MAX_POLICY_FILES, Policies, ShareQuestion

SUFFIX = ".tests.yaml"

ORDINARY = ShareQuestion(
    status=PeerStatus.TRUSTED,
    ceiling=TLP.GREEN,
    purposes=("misuse-defence",),
    purpose="misuse-defence",
    type="indicator",
    marking=TLP.GREEN,
    origin=Origin.OWN,
    category="fraud.scam",
    listed=True,
    refused=False,
    evidence="observed",
    basis=True,
    jurisdiction="DE",
    stores=("DE",),
)


Test = TypeVar("Test", bound=msgspec.Struct)
"""A kind of test: a struct with `file`, the file that it stands in."""


class PolicyTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `rules`, when given, are exactly those that decide; `asks`, those that want two people."""

    name: str
    share: dict[str, Any] | None = None
    act: str | None = None
    roles: tuple[Role, ...] = ()
    allowed: bool = False
    rules: tuple[str, ...] | None = None
    file: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What a test asked and what the policies said. `failed` says how they differ, empty when they do not."""

    test: PolicyTest
    allowed: bool
    rules: tuple[str, ...]
    failed: str


def packaged_tests() -> tuple[PolicyTest, ...]:
    """The tests that ship with Tocsin."""
    return read_tests(resources.files("tocsin.trust").joinpath("policies"), "", PolicyTest, _asks_one_thing)


def own_tests(folder: Path) -> tuple[PolicyTest, ...]:
    """The tests in a node's own folder; none where there is no folder. Raises BadInput naming a bad file."""
    return read_tests(folder, "own/", PolicyTest, _asks_one_thing) if folder.is_dir() else ()


def run_tests(policies: Policies, tests: Iterable[PolicyTest]) -> tuple[Outcome, ...]:
    """Each test asked of these policies."""
    return tuple(_run(policies, test) for test in tests)


def _run(policies: Policies, test: PolicyTest) -> Outcome:
    if test.share is not None:
        decision = policies.may_share(question_of(test.share))
    else:
        decision = policies.may(test.roles, test.act or "")
    failed = ""
    if decision.allowed != test.allowed:
        failed = "was allowed" if decision.allowed else "was refused"
    elif test.rules is not None and set(test.rules) != set(decision.rules):
        failed = "was decided by other rules"
    return Outcome(test=test, allowed=decision.allowed, rules=decision.rules, failed=failed)


def question_of(changes: dict[str, Any]) -> ShareQuestion:
    """`ORDINARY` with some things otherwise. Raises BadInput for what no question knows."""
    try:
        return msgspec.convert(msgspec.to_builtins(ORDINARY) | changes, ShareQuestion, strict=False)
    except msgspec.ValidationError as error:
        raise BadInput(f"a policy test asks what no policy is asked: {error}") from None


def read_tests(
    folder: Traversable | Path, prefix: str, kind: type[Test], check: Callable[[Test, str], None]
) -> tuple[Test, ...]:
    """The tests of every file of a folder, by its name. `check` raises BadInput for one that asks nothing sound."""
    files = sorted((one for one in folder.iterdir() if one.name.endswith(SUFFIX)), key=lambda one: one.name)
    if len(files) > MAX_POLICY_FILES:
        raise BadInput(f"more than {MAX_POLICY_FILES} files of policy tests")
    return tuple(test for file in files for test in _read(file, prefix + file.name, kind, check))


def _read(
    file: Traversable | Path, name: str, kind: type[Test], check: Callable[[Test, str], None]
) -> Iterator[Test]:
    try:
        text = file.read_text(encoding="utf-8")
        if len(text) > MAX_POLICY_BYTES:
            raise BadInput(f"{name} is longer than {MAX_POLICY_BYTES} characters")
        tests = msgspec.convert(yaml.safe_load(text) or [], list[kind])  # type: ignore[valid-type]
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{name} cannot be read: is it YAML?") from error
    except msgspec.ValidationError as error:
        raise BadInput(f"{name}: {error}") from None
    for test in tests:
        check(test, name)
        yield msgspec.structs.replace(test, file=name)


def _asks_one_thing(test: PolicyTest, file: str) -> None:
    if (test.share is None) == (test.act is None):
        raise BadInput(f"{file}: {test.name!r} asks either `share` or `act`")
    if test.share is not None:
        question_of(test.share)
