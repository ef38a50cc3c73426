"""What the commands on incidents share: whom they act for, and facts and moments as they are typed."""

from datetime import datetime
from typing import Annotated

import typer

from tocsin.kernel import BadInput
from tocsin.kernel.duties import ClockStart, FactValue

IncidentArgument = Annotated[str, typer.Argument(help="The incident's id.")]
ReportArgument = Annotated[str, typer.Argument(help="The report's id.")]
UserOption = Annotated[str, typer.Option(help="Who acts, by the name of a user of this node.")]


def fact_of(typed: str) -> tuple[str, FactValue | None]:
    """NAME=VALUE as a fact: a number, yes or no, a choice. NAME= is one that is not known any more. Raises BadInput."""
    from tocsin.cases.duties import fact
    from tocsin.kernel.duties import FactKind

    name, sign, value = typed.partition("=")
    if not sign:
        raise BadInput(f"{typed[:64]!r}: type NAME=VALUE, or NAME= to take it back")
    if not value:
        return fact(name).id, None
    match fact(name).kind:
        case FactKind.NUMBER:
            try:
                number = float(value.replace(",", "").replace("_", ""))
            except ValueError:
                raise BadInput(f"{name} takes a number, not {value[:40]!r}") from None
            return name, int(number) if number.is_integer() else number
        case FactKind.YES_NO:
            if value not in _YES_NO:
                raise BadInput(f"{name} takes yes or no, not {value[:40]!r}")
            return name, _YES_NO[value]
    return name, value


def moment_of(typed: str) -> tuple[ClockStart, int]:
    """NAME=WHEN as a moment; the offset must be said. Raises BadInput."""
    name, _, when = typed.partition("=")
    try:
        moment, at = ClockStart(name), datetime.fromisoformat(when)
    except ValueError:
        names = ", ".join(one.value for one in ClockStart)
        raise BadInput(f"type NAME=WHEN, WHEN like 2026-11-20T09:30:00+01:00, NAME one of: {names}") from None
    return moment, at_offset(at)


def at_offset(at: datetime) -> int:
    """Microseconds of a moment with an offset. Raises BadInput without one: hours count here."""
    from tocsin.kernel import micros

    if at.tzinfo is None:
        raise BadInput("say the offset too, like +08:00 or Z: an hour decides here")
    return micros(at)


_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
