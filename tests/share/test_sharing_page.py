"""docs/sharing.md names every rule, every type and property that may leave, every act, and every bound."""

import re
from pathlib import Path

import pytest

from tocsin.kernel import Role
from tocsin.kernel.limits import SIGHTING_DELAY_SECONDS
from tocsin.share import decision, sightings
from tocsin.share.fields import TABLES
from tocsin.trust import policy
from tocsin.trust.policy import Policies
from tocsin.wire.sketch import MIN_SHARED_SHINGLES
from tocsin.wire.stix.extensions import BUCKETS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sharing.md").read_text("utf-8")
RULES = [value for name, value in vars(decision).items() if name.startswith("RULE_")]


@pytest.mark.parametrize(
    "rule",
    [
        *(rule for rule in Policies.load().rules if rule.startswith("share.")),
        *RULES,
        sightings.RULE_CAP,
        sightings.RULE_TOO_SOON,
    ],
)
def test_every_rule_is_explained(rule: str) -> None:
    assert f"`{rule}`" in PAGE


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_every_property_that_may_leave_is_listed(kind: str) -> None:
    (row,) = re.findall(rf"^\| `{kind}` \| (.*) \|$", PAGE, flags=re.MULTILINE)
    common = PAGE[PAGE.index("2. **Fields.**") : PAGE.index("| type | properties |")]
    for name in TABLES[kind].fields:
        needed = name in TABLES[kind].needed
        own = f"**{name}**" if needed else f"`{name}`"
        assert own in row or own in common or f"**{name}**" in common, f"{kind}.{name}"
    for name in re.findall(r"(?:\*\*|`)([a-z_]+)(?:\*\*|`)", row):
        assert name in TABLES[kind].fields, f"{kind}.{name} is documented and does not leave"


def test_every_act_and_role_is_in_the_table() -> None:
    policies = Policies.load()
    rows = re.findall(r"^\| `([a-z.]+)` \|((?: x? ?\|){7})$", PAGE, flags=re.MULTILINE)
    schema = (Path(policy.__file__).parent / "policies" / "tocsin.cedarschema").read_text("utf-8")
    assert {act for act, _ in rows} == set(re.findall(r'"([a-z]+\.[a-z]+)"', schema)) - {"share.release"}
    roles = (
        Role.ADMIN,
        Role.ANALYST,
        Role.REVIEWER,
        Role.DUTY_OFFICER,
        Role.AUDITOR,
        Role.SOURCE,
        Role.PEER,
    )
    for act, marks in rows:
        said = ["x" in mark for mark in marks.split("|")[:7]]
        assert said == [policies.may([role], act).allowed for role in roles], act


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"fewer than {MIN_SHARED_SHINGLES} distinct shingles" in PAGE
    assert f"at least {sightings.K_ACTORS} (`K_ACTORS`)" in PAGE
    assert f"{sightings.MAX_SIGHTINGS_A_WEEK} a week" in PAGE
    assert SIGHTING_DELAY_SECONDS == 3_600
    for _, name in BUCKETS:
        assert f"`{name}`" in PAGE
