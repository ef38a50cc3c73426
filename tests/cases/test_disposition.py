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
    verdict: WarningStatus = WarningStatus.CONFIRMED, warning: Warning = WARNING, **said: object
) -> Review:
    words: dict[str, object] = {
        "category_id": "fraud.scam",
        "statement": "asks for a fee for a refund that is none",
        "basis": "terms of use, 4.2",
        "days": None,
    }
    return disposition(warning, BY, verdict, now=1_000, **(words | said))  # type: ignore[arg-type]


def test_a_confirmation_keeps_who_what_and_why() -> None:
    kept = review()
    assert (kept.by, kept.at, kept.category, kept.expires) == ("user_1", 1_000, "fraud.scam", None)


def test_a_dismissal_ends() -> None:
    assert review(WarningStatus.DISMISSED, days=10).expires == 1_000 + 10 * 86_400_000_000


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"statement": " short "}, "say why"),
        ({"basis": "  "}, "basis"),
        ({"category_id": "political.protest"}, "not a category of conduct"),
        ({"category_id": "influence.petition"}, "not a category of conduct"),
        ({"category_id": "fraud.unheard-of"}, "closed list"),
    ],
)
def test_a_confirmation_without_what_it_needs_is_refused(said: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        review(**said)


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
