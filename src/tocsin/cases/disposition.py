"""What a person must say to confirm or dismiss a warning."""

from tocsin.cases.masking import mask
from tocsin.kernel import BadInput, Caller, Conflict, Review, Warning, WarningStatus
from tocsin.taxonomy import categories, category, refused_subject

MIN_STATEMENT_CHARS = 8
MAX_STATEMENT_CHARS = 4_000
MAX_BASIS_CHARS = 500
"""A sentence or two: it leaves with the record."""
MAX_DISMISSAL_DAYS = 180
"""A template judged harmless is looked at again after half a year: campaigns borrow harmless texts."""
DISMISSAL_DAYS = 90
_DAY = 86_400_000_000


def disposition(
    warning: Warning,
    by: Caller,
    verdict: WarningStatus,
    *,
    category_id: str,
    statement: str,
    basis: str,
    days: int | None,
    now: int,
) -> Review:
    """The review of `warning`, checked.

    1. The verdict is to confirm or to dismiss; a decided warning is not decided again by another click.
    2. A confirmation names a category of conduct; belief, speech and organising are refused as one.
    3. It has a statement in the reviewer's words, and a confirmation a basis for acting; peers read the basis, so
       no identifier may stand in it.
    4. A dismissal ends: it has a number of days up to MAX_DISMISSAL_DAYS.

    `now` in microseconds. Raises BadInput saying what is missing, Conflict for 1.
    """
    if verdict not in (WarningStatus.CONFIRMED, WarningStatus.DISMISSED):  # 1
        raise BadInput("a review confirms or dismisses: choose one of confirmed, dismissed")
    if warning.status in (WarningStatus.CONFIRMED, WarningStatus.DISMISSED):
        raise Conflict(f"this warning was {warning.status} already: its page shows by whom and why")
    if warning.status is WarningStatus.MERGED:
        raise Conflict("this warning is one thing with another: decide that one, or take the merge back")
    confirmed = verdict is WarningStatus.CONFIRMED
    if confirmed:  # 2
        _check_category(category_id)
    if not MIN_STATEMENT_CHARS <= len(statement.strip()) <= MAX_STATEMENT_CHARS:  # 3
        raise BadInput(
            f"say why in {MIN_STATEMENT_CHARS} to {MAX_STATEMENT_CHARS} characters: a disposition has reasons"
        )
    if confirmed and not basis.strip():
        raise BadInput("name the basis for acting, for example the rule of your terms of use that it breaks")
    if len(basis) > MAX_BASIS_CHARS:
        raise BadInput(f"the basis may have {MAX_BASIS_CHARS} characters")
    if mask(basis) != basis:
        raise BadInput("peers read the basis: take the link, address, number or handle out of it")
    span = DISMISSAL_DAYS if days is None else days  # 4
    if not confirmed and not 1 <= span <= MAX_DISMISSAL_DAYS:
        raise BadInput(f"a dismissal lasts 1 to {MAX_DISMISSAL_DAYS} days")
    return Review(
        warning=warning.id,
        by=by.user,
        at=now,
        verdict=verdict,
        category=category_id if confirmed else warning.category,
        statement=statement.strip(),
        basis=basis.strip(),
        expires=None if confirmed else now + span * _DAY,
    )


def _check_category(category_id: str) -> None:
    refused = refused_subject(category_id)
    if refused is not None:
        raise BadInput(f"{refused.en} is not a category of conduct: nothing is confirmed or shared under it")
    if category(category_id) is None:
        listed = ", ".join(entry.id for entry in categories())
        raise BadInput(f"choose a category of conduct from the closed list: {listed}")
