"""The accountability chain in the form of a decision: of each duty on the list, whose, whether met, shown by what."""

from collections.abc import Mapping
from typing import NamedTuple

from tocsin.cases.accountability import MAX_NAME_CHARS, MAX_SHOWN_CHARS, duties
from tocsin.kernel.disposing import DutyOf
from tocsin.web.console.labels import label
from tocsin.web.console.languages import N_
from tocsin.web.console.visits import Visit

MET = {"met": True, "not-met": False, "unknown": None}
"""What may be chosen of a duty; anything else leaves it out."""
NAME_MISSING = N_("Say whose duty it was: an organisation or a role.")
SHOWN_MISSING = N_("Say what shows it, or choose that it is unknown.")
TOO_LONG = N_("At most %(most)s characters.")


class Asked(NamedTuple):
    """One row of the form."""

    id: str
    party: str
    duty: str
    source: str


def asked(visit: Visit) -> tuple[Asked, ...]:
    """Every duty of the list, in its order, in the visit's language."""
    say, tag = visit.language.say, visit.language.tag
    return tuple(
        Asked(one.id, say(label(one.party)), one.label(tag), one.source) for one in duties().values()
    )


def chain_of(form: Mapping[str, str]) -> tuple[DutyOf, ...]:
    """The links that were chosen. `cases.accountability` checks them again, for every door."""
    return tuple(
        DutyOf(one.party, _text(form, one.id, "name"), one.id, MET[chosen], _text(form, one.id, "shown"))
        for one in duties().values()
        if (chosen := form.get(f"chain-{one.id}", "")) in MET
    )


def chain_wrong(visit: Visit) -> dict[str, str]:
    """What the chosen links lack, by field, in words."""
    say, number = visit.language.say, visit.language.number
    wrong: dict[str, str] = {}
    for link in chain_of(visit.form):
        at = f"chain-{link.owed}"
        if not link.name:
            wrong[f"{at}-name"] = say(NAME_MISSING)
        elif len(link.name) > MAX_NAME_CHARS:
            wrong[f"{at}-name"] = say(TOO_LONG, most=number(MAX_NAME_CHARS))
        if link.met is not None and not link.shown_by:
            wrong[f"{at}-shown"] = say(SHOWN_MISSING)
        elif len(link.shown_by) > MAX_SHOWN_CHARS:
            wrong[f"{at}-shown"] = say(TOO_LONG, most=number(MAX_SHOWN_CHARS))
    return wrong


def _text(form: Mapping[str, str], duty: str, part: str) -> str:
    return form.get(f"chain-{duty}-{part}", "").strip()
