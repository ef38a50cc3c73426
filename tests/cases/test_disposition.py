"""A disposition has reasons, a category of conduct, and an end."""

import msgspec
import pytest

from tocsin.cases import MAX_DISMISSAL_DAYS, disposition
from tocsin.kernel import (
    BadInput,
    Caller,
    Conflict,
    Review,
    RiskVector,
    Role,
    Warning,
    WarningKind,
    WarningStatus,
)

BY = Caller(user="user_1", name="chen", roles=frozenset({Role.REVIEWER}))
WARNING = Warning(
    id="w",
    kind=WarningKind.CAMPAIGN,
    key="k",
    category="fraud.scam",
    actors=9,
    events=20,
    first_seen=1,
    last_seen=2,
    score=9.0,
    threshold=5.0,
    confidence=80,
    risk=RiskVector(),
    reasons=(),
    refutations=(),
)


def review(
    verdict: WarningStatus = WarningStatus.CONFIRMED,
    warning: Warning = WARNING,
    *,
    category_id: str = "fraud.scam",
    statement: str = "asks for a fee for a refund that is none",
    basis: str = "terms of use, 4.2",
    days: int | None = None,
) -> Review:
    return disposition(
        warning, BY, verdict, category_id=category_id, statement=statement, basis=basis, days=days, now=1_000
    )


def test_a_confirmation_keeps_who_what_and_why() -> None:
    kept = review()
    assert (kept.by, kept.at, kept.category, kept.expires) == ("user_1", 1_000, "fraud.scam", None)


def test_a_dismissal_ends() -> None:
    assert review(WarningStatus.DISMISSED, days=10).expires == 1_000 + 10 * 86_400_000_000


@pytest.mark.parametrize("category_id", ["political.protest", "influence.petition"])
def test_belief_and_organising_are_no_category(category_id: str) -> None:
    with pytest.raises(BadInput, match="not a category of conduct"):
        review(category_id=category_id)


def test_a_confirmation_without_what_it_needs_is_refused() -> None:
    with pytest.raises(BadInput, match="say why"):
        review(statement=" short ")
    with pytest.raises(BadInput, match="basis"):
        review(basis="  ")
    with pytest.raises(BadInput, match="peers read the basis"):
        review(basis="terms of use, broken by @refund_helper")
    with pytest.raises(BadInput, match="500"):
        review(basis="terms of use " * 50)
    with pytest.raises(BadInput, match="closed list"):
        review(category_id="fraud.unheard-of")


@pytest.mark.parametrize("days", [0, -1, MAX_DISMISSAL_DAYS + 1])
def test_a_dismissal_without_a_sane_end_is_refused(days: int) -> None:
    with pytest.raises(BadInput, match="dismissal lasts"):
        review(WarningStatus.DISMISSED, days=days)


def test_only_confirm_or_dismiss() -> None:
    with pytest.raises(BadInput, match="confirms or dismisses"):
        review(WarningStatus.QUIETED)


@pytest.mark.parametrize("status", [WarningStatus.CONFIRMED, WarningStatus.DISMISSED])
def test_what_was_decided_is_not_decided_again(status: WarningStatus) -> None:
    with pytest.raises(Conflict, match="already"):
        review(warning=msgspec.structs.replace(WARNING, status=status))
