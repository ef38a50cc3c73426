"""A report as drafted: the form of the duty in its order, filled from what is known, the rest marked missing.

Enters: duty, step, incident, words of the case. Leaves: a `Draft` that needs its pack no more. Guesses nothing: a field
that only a person can answer stays empty.
"""

import msgspec

from tocsin.app.duty_sheets import Part, Row, Sheet
from tocsin.app.duty_words import local, utc, value_said, word
from tocsin.cases.duties import Duty, Field, Step, facts
from tocsin.kernel import BadInput
from tocsin.kernel.cases import CaseWords
from tocsin.kernel.duties import ClockStart, FactKind, Graded, Incident

LANGUAGES = ("en", "zh")
"""In which this node sets paper; a pack in another language is shown in English."""

MAX_ANSWER_CHARS = 20_000
"""A statement of an incident; longer goes beside the form as a document."""

_NOTES = {
    "later": {"en": "may follow in a later report", "zh": "可在后续报告中补报"},
    "optional": {"en": "asked for where there is something to say", "zh": "如有则填"},
    "unconfirmed": {"en": "that the form asks this is not confirmed", "zh": "该项要求未经证实"},
}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed with a report. `sheet` is what was sent, from then on, and `form` as what."""

    title: str
    eyebrow: str
    parts: tuple[Part, ...]
    required: tuple[str, ...]
    """Fields that the regime asks for in this step and that may not follow later."""
    changed: int
    author: str
    """Who changed it last: a second person approves."""
    sheet: Sheet | None = None
    form: str = ""
    sent: bytes = b""
    """The document itself as it was sent."""


def language_of(duty: Duty, wanted: str = "") -> str:
    """The language of a report: as wanted, or the regime's own, or English. Raises BadInput."""
    if wanted and wanted not in LANGUAGES:
        raise BadInput(f"a report is set in {' or '.join(LANGUAGES)}, not in {wanted[:16]!r}")
    return wanted or next((one for one in duty.languages if one in LANGUAGES), LANGUAGES[0])


def drafted(
    duty: Duty,
    step: Step,
    incident: Incident,
    words: CaseWords,
    graded: Graded,
    *,
    lang: str,
    by: str,
    at: int,
) -> Draft:
    """A draft of one step's report."""
    parts, required = [], []
    for section in duty.sections:
        asked = [field for field in section.fields if not field.steps or step.id in field.steps]
        rows = tuple(_row(field, step, duty, incident, words, graded, lang) for field in asked)
        required += [field.id for field in asked if field.required and not _may_follow(field, step)]
        if rows:
            parts.append(Part(word(section.label, lang), rows))
    return Draft(
        title=word(step.label, lang),
        eyebrow=word(duty.title, lang),
        parts=tuple(parts),
        required=tuple(required),
        changed=at,
        author=by,
    )


def answered(draft: Draft, answers: dict[str, str], *, by: str, at: int) -> Draft:
    """The draft with a person's answers; an empty one is missing again. Raises BadInput for a field it has not."""
    there = {row.field for part in draft.parts for row in part.rows}
    strange = sorted(set(answers) - there)
    if strange:
        raise BadInput(f"the form has no field {strange[0][:64]!r}: {', '.join(sorted(there))}")
    if any(len(value) > MAX_ANSWER_CHARS for value in answers.values()):
        raise BadInput(
            f"an answer has at most {MAX_ANSWER_CHARS:,} characters: hand in a document beside the form"
        )
    parts = tuple(
        Part(part.title, tuple(_answered(row, answers) for row in part.rows)) for part in draft.parts
    )
    return msgspec.structs.replace(draft, parts=parts, changed=at, author=by)


def absent(draft: Draft) -> tuple[Row, ...]:
    """Rows that say nothing, in the form's order."""
    return tuple(row for part in draft.parts for row in part.rows if row.missing)


def _answered(row: Row, answers: dict[str, str]) -> Row:
    if row.field not in answers:
        return row
    value = answers[row.field].strip()
    return msgspec.structs.replace(row, value=value, missing=not value)


def _row(
    field: Field,
    step: Step,
    duty: Duty,
    incident: Incident,
    words: CaseWords,
    graded: Graded,
    lang: str,
) -> Row:
    value = _known(field.answer, duty, incident, words, graded, lang)
    notes = []
    if not field.required:
        notes.append("optional")
    elif _may_follow(field, step):
        notes.append("later")
    if field.confirmed.value == "unconfirmed":
        notes.append("unconfirmed")
    stop = "；" if lang == "zh" else "; "
    return Row(
        field=field.id,
        label=word(field.label, lang),
        value=value,
        missing=not value,
        note=stop.join(word(_NOTES[name], lang) for name in notes),
    )


def _may_follow(field: Field, step: Step) -> bool:
    """A first report that the regime lets be incomplete needs only what it marks for one."""
    return step.partial and not field.first


def _known(answer: str, duty: Duty, incident: Incident, words: CaseWords, graded: Graded, lang: str) -> str:
    kind, _, name = answer.partition("/")
    match kind:
        case "fact":
            return _fact(name, incident, lang)
        case "moment":
            at = incident.moments.get(ClockStart(name))
            return "" if at is None else f"{local(at, duty.zone)}\n{utc(at)}"
        case "case":
            said = {"title": words.title, "what": words.what, "where": words.where}
            return said.get(name, "\n".join(words.notes) if name == "notes" else "").strip()
        case "grade":
            label = next((one.label for one in duty.grades if one.id == graded.grade), None)
            return "" if label is None else word(label, lang)
    return ""


def _fact(name: str, incident: Incident, lang: str) -> str:
    value, asked = incident.facts.get(name), facts()[name]
    if value is None:
        return ""
    if asked.kind is FactKind.CHOICE:
        return word(asked.choices[str(value)], lang)
    return value_said(value, lang, asked.unit)
