"""The floor under authorities' requests, which nothing lifts, and the chain of their steps, where each change shows."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases_made_up import case
from tocsin.cases.requests import RefusalRule, bound, first_broken, floor_of, load_refusal_rules
from tocsin.kernel import BadInput
from tocsin.kernel.cases import Case, CaseFlag
from tocsin.kernel.requests import Asked, AuthorityKind, Floor, RequestStep

ALL = tuple(Asked)


def floor(
    cases: tuple[str, ...] = ("c",),
    found: Case | None = None,
    *,
    basis: str = "article 12",
    asked: tuple[Asked, ...] = ALL,
    rules: tuple[RefusalRule, ...] = (),
) -> Floor | None:
    told = floor_of(
        cases,
        found or case(),
        basis=basis,
        asked=asked,
        kind=AuthorityKind.POLICE,
        jurisdiction="FR",
        rules=rules,
    )
    return None if told is None else told[0]


def test_what_code_refuses() -> None:
    assert floor() is None
    assert floor(()) is Floor.BULK
    assert floor(("a", "b")) is Floor.BULK
    assert floor(basis=" 1 ") is Floor.NO_BASIS
    assert floor(asked=()) is Floor.NOTHING_ASKED
    assert floor(found=case(flags=(CaseFlag.JOURNALIST_SOURCE,))) is Floor.SOURCES


rules = st.builds(
    RefusalRule,
    because=st.just("our own rule"),
    kinds=st.lists(st.sampled_from(AuthorityKind), max_size=2).map(tuple),
    jurisdictions=st.lists(st.sampled_from(["FR", "DE"]), max_size=2).map(tuple),
    asked=st.lists(st.sampled_from(Asked), max_size=2).map(tuple),
)


@given(
    own=st.lists(rules, max_size=3).map(tuple),
    cases=st.lists(st.just("c"), max_size=2).map(tuple),
    flags=st.lists(st.sampled_from(CaseFlag), max_size=2).map(tuple),
    basis=st.sampled_from(["", "article 12"]),
    asked=st.lists(st.sampled_from(Asked), max_size=2, unique=True).map(tuple),
)
def test_an_own_rule_only_ever_refuses_more(
    own: tuple[RefusalRule, ...],
    cases: tuple[str, ...],
    flags: tuple[CaseFlag, ...],
    basis: str,
    asked: tuple[Asked, ...],
) -> None:
    without = floor(cases, case(flags=flags), basis=basis, asked=asked)
    with_own = floor(cases, case(flags=flags), basis=basis, asked=asked, rules=own)
    if without is not None:
        assert with_own is without
    else:
        assert with_own in (None, Floor.OWN_RULE)


def test_rules_are_read_from_a_file_and_a_broken_one_stops(tmp_path: Path) -> None:
    file = tmp_path / "requests.yaml"
    assert load_refusal_rules(file) == ()
    file.write_text("refuse:\n  - {because: we hold no accounts, asked: [account], jurisdictions: [FR]}\n")
    (rule,) = load_refusal_rules(file)
    assert floor(rules=(rule,)) is Floor.OWN_RULE
    assert floor(asked=(Asked.EVIDENCE,), rules=(rule,)) is None
    for broken in (
        "allow: []",
        "refuse: [{kinds: [police]}]",
        "refuse: [",
        "refuse: [{because: x, kinds: [spy]}]",
    ):
        file.write_text(broken)
        with pytest.raises(BadInput, match=r"requests.yaml"):
            load_refusal_rules(file)


def steps(count: int) -> list[RequestStep]:
    made: list[RequestStep] = []
    for number in range(1, count + 1):
        step = RequestStep(request="r", number=number, at=number, by="u", act="open", detail={"n": number})
        made.append(bound(step, made[-1].chain if made else b""))
    return made


@given(
    count=st.integers(1, 5), where=st.integers(0, 4), change=st.sampled_from(["by", "at", "detail", "gone"])
)
def test_a_changed_or_missing_step_shows(count: int, where: int, change: str) -> None:
    made = steps(count)
    assert first_broken(made) is None
    place = where % count
    if change == "gone":
        if place == count - 1:
            return  # what was cut off the end shows in the audit, which names each step
        del made[place]
        assert first_broken(made) == place + 1
        return
    other = {"by": "v", "at": 99, "detail": {"n": -1}}[change]
    made[place] = msgspec.structs.replace(made[place], **{change: other})
    assert first_broken(made) == place + 1
