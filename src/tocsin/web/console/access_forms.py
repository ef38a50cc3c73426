"""The two forms of access as they were filled in: what was typed, and beside which field something is wrong."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from tocsin.app.admitting import MAX_DAYS
from tocsin.app.exempting import MAX_REASON_CHARS, MIN_REASON_CHARS
from tocsin.kernel import BadInput
from tocsin.kernel.admission import AccessAct, AccessRequest, VerificationLevel
from tocsin.web.console.languages import N_, Language
from tocsin.web.console.visits import Visit
from tocsin.wire.authzen import MAX_ATTRIBUTE_CHARS, access_request

MAX_FIELD_CHARS = 300
EVERY = "*"
BESIDE = "with-"
"""Before the name of what an overlay asks for: another form's field never has it."""

ASKED = {"subject": "", "model": "", "capability": "general", "act": AccessAct.USE.value, "purpose": ""}
GIVEN = {
    "subject": "",
    "model": "",
    "capability": EVERY,
    "purpose": "",
    "days": "90",
    "vouches": VerificationLevel.NONE.value,
    "evidence": "",
    "reason": "",
}
WRONG = {
    "subject": N_("Name the end user by pseudonym, in 1 to 256 characters."),
    "model": N_("Name a model: its digest, or the name that it is followed by."),
    "capability": N_("A short name: letters, digits, and . _ : -"),
    "act": N_("Choose one of the list."),
    "purpose": N_("One short word in lower case: teaching, vaccine-research."),
    "evidence": N_("A sha256 in lower-case hexadecimal, 64 characters."),
}
NO_PURPOSE = N_("A grant is for a purpose: name it in one word, such as teaching.")
NO_DAYS = N_("A whole number of days, 1 to %(most)s.")
NO_REASON = N_("Say why, in %(least)s to %(most)s characters.")
NO_EVIDENCE = N_("Who vouches for a level gives the sha256 of what shows it, and the other way round.")
_PARTS = {"subject": "-", "model": "-", "capability": "general", "act": "use", "purpose": ""}
"""Of a question that nothing is wrong with; one part at a time is put into it."""


class Filled(msgspec.Struct, frozen=True):
    """A form as it comes back: fields as typed, and what is wrong by field, in the visit's language."""

    fields: Mapping[str, str]
    errors: Mapping[str, str] = {}
    terms: bool = False


def grant_blank() -> Filled:
    """A grant that nobody has begun."""
    return Filled(GIVEN)


def asked_of(visit: Visit, attributes: Collection[str]) -> tuple[Filled, AccessRequest | None]:
    """A question from the form; None where it cannot be asked, and then the errors say why."""
    fields = _typed(visit.form, ASKED)
    beside = {name: visit.form.get(BESIDE + name, "")[:MAX_ATTRIBUTE_CHARS] for name in attributes}
    terms = bool(visit.form.get("terms"))
    errors = _wrong(fields, visit.language)
    filled = Filled({**fields, **{BESIDE + name: value for name, value in beside.items()}}, errors, terms)
    if errors:
        return filled, None
    return filled, access_request(**fields, terms=terms, attributes=beside)


def given_of(visit: Visit) -> Filled:
    """A grant from the form, with every error at once."""
    fields, say = _typed(visit.form, GIVEN), visit.language.say
    parts = {name: fields[name] for name in ("subject", "model", "capability", "purpose")}
    if parts["capability"] == EVERY:
        del parts["capability"]
    errors = _wrong(parts, visit.language)
    if not fields["purpose"]:
        errors["purpose"] = say(NO_PURPOSE)
    days = fields["days"]
    if not (days.isascii() and days.isdecimal() and len(days) < 5 and 1 <= int(days) <= MAX_DAYS):
        errors["days"] = say(NO_DAYS, most=MAX_DAYS)
    if not reason_is_given(fields["reason"]):
        errors["reason"] = say(NO_REASON, least=MIN_REASON_CHARS, most=MAX_REASON_CHARS)
    if fields["vouches"] not in frozenset(VerificationLevel):
        errors["vouches"] = say(WRONG["act"])
    elif _refused("shown", fields["evidence"]):
        errors["evidence"] = say(WRONG["evidence"])
    elif (fields["vouches"] == VerificationLevel.NONE) != (not fields["evidence"]):
        errors["evidence"] = say(NO_EVIDENCE)
    return Filled(fields, errors)


def reason_is_given(text: str) -> bool:
    """As `app.exempting.reason_given` takes it."""
    return MIN_REASON_CHARS <= len(text.strip()) <= MAX_REASON_CHARS


def _typed(form: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    most = {"reason": MAX_REASON_CHARS + 1}  # one more than may be, so that too long is told and not cut
    return {name: form.get(name, "").strip()[: most.get(name, MAX_FIELD_CHARS)] for name in known}


def _wrong(parts: Mapping[str, str], language: Language) -> dict[str, str]:
    return {name: language.say(WRONG[name]) for name, value in parts.items() if _refused(name, value)}


def _refused(name: str, value: str) -> bool:
    given: dict[str, Any] = {**_PARTS, name: value}
    try:
        access_request(**given)
    except BadInput:
        return True
    return False
