"""Taking a dismissal back: what a person must say to have its warning ring again."""

from tocsin.cases.disposition import MAX_STATEMENT_CHARS, MIN_STATEMENT_CHARS
from tocsin.kernel import BadInput, Caller, Conflict, Review, Warning, WarningStatus


def withdrawal(warning: Warning, by: Caller, *, statement: str, now: int) -> Review:
    """The review that opens a dismissed warning again; `now` in microseconds.

    Raises Conflict when it is not dismissed, BadInput when no reason is given.
    """
    if warning.status is not WarningStatus.DISMISSED:
        raise Conflict(f"this warning is {warning.status}: only a dismissal can be withdrawn")
    if not MIN_STATEMENT_CHARS <= len(statement.strip()) <= MAX_STATEMENT_CHARS:
        raise BadInput(f"say why in {MIN_STATEMENT_CHARS} to {MAX_STATEMENT_CHARS} characters")
    return Review(
        warning=warning.id,
        by=by.user,
        at=now,
        verdict=WarningStatus.OPEN,
        category=warning.category,
        statement=statement.strip(),
        basis="",
    )
