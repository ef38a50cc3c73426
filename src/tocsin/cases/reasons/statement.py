"""From a case and its disposition to a statement of reasons, and what is still missing of one.

Pure: the case, what was decided, and what only a person can add go in; a statement and its problems come out. Nothing
is guessed: a field that nobody filled in stays empty and is named with what to do.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from tocsin.cases.masking import mask
from tocsin.cases.reasons import schema
from tocsin.cases.reasons.schema import StatementOfReasons, crosswalk, database_categories
from tocsin.kernel import BadInput, at_micros
from tocsin.kernel.cases import Case, CaseOrigin
from tocsin.kernel.disposing import Disposition, Ground, Measure


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What the database asks and no case knows. `content_date` is when it was put up, a day (YYYY-MM-DD)."""

    content_type: tuple[str, ...] = ()
    content_date: str = ""
    content_language: str = ""
    """ISO 639-1, two letters."""
    territorial_scope: tuple[str, ...] = ()
    trusted_flagger: bool = False
    """Whoever reported it is a trusted flagger (Article 22)."""


NOTHING_ADDED = Circumstances()


class Problem(msgspec.Struct, frozen=True):
    """What keeps a statement from being sent. `said` names what to do."""

    field: str
    said: str


def statement(
    case: Case, decided: Disposition, circumstances: Circumstances = NOTHING_ADDED
) -> StatementOfReasons:
    """The statement, identifiers masked in every text. It may have problems: see `problems`."""
    ends = None if decided.ends is None else _day(decided.ends)
    visibility = tuple(schema.VISIBILITY[one] for one in schema.VISIBILITY if one in decided.measures)
    monetary = _gravest(schema.MONETARY, decided.measures)
    provision = _gravest(schema.PROVISION, decided.measures)
    account = _gravest(schema.ACCOUNT, decided.measures)
    illegal, terms = decided.ground is Ground.ILLEGAL, decided.ground is Ground.TERMS
    ground = mask(decided.ground_text, limit=schema.MAX_GROUND_CHARS + 1)
    explanation = mask(decided.explanation, limit=schema.MAX_EXPLANATION_CHARS + 1)
    crossed = crosswalk().get(case.category)
    flagged = circumstances.trusted_flagger and case.origin in (CaseOrigin.REPORT, CaseOrigin.MAIL)
    return StatementOfReasons(
        decision_visibility=visibility,
        decision_monetary=monetary,
        decision_provision=provision,
        decision_account=account,
        end_date_visibility_restriction=ends if visibility else None,
        end_date_monetary_restriction=ends if monetary else None,
        end_date_service_restriction=ends if provision else None,
        end_date_account_restriction=ends if account else None,
        decision_ground=schema.GROUNDS.get(decided.ground, ""),
        illegal_content_legal_ground=ground if illegal else None,
        illegal_content_explanation=explanation if illegal else None,
        incompatible_content_ground=ground if terms else None,
        incompatible_content_explanation=explanation if terms else None,
        content_type=circumstances.content_type,
        content_date=circumstances.content_date or None,
        content_language=circumstances.content_language.upper() or None,
        category=crossed.category if crossed else "",
        territorial_scope=circumstances.territorial_scope,
        application_date=_day(_in_force(decided)),
        decision_facts=mask(decided.facts, limit=schema.MAX_FACTS_CHARS + 1),
        source_type=schema.TRUSTED_FLAGGER if flagged else schema.SOURCES[case.origin],
        automated_detection="Yes" if decided.automated_detection else "No",
        automated_decision=schema.WHOLLY if decided.automated_decision else schema.BY_PEOPLE,
        puid=_puid(case, decided),
    )


def problems(made: StatementOfReasons) -> tuple[Problem, ...]:
    """What is missing or too long, by field; empty when the database should take it."""
    return tuple(
        Problem(field, said)
        for field, wrong, said in (
            (
                "decision_visibility",
                not (
                    made.decision_visibility
                    or made.decision_monetary
                    or made.decision_provision
                    or made.decision_account
                ),
                "nothing was restricted: Article 17 asks for no statement, the letter is enough",
            ),
            ("decision_ground", not made.decision_ground, "say whether it is illegal or breaks the terms"),
            *_ground_problems(made),
            (
                "content_type",
                not made.content_type,
                "name what it was: text, image, video, audio, app, product",
            ),
            (
                "content_type",
                not set(made.content_type) <= set(schema.CONTENT_TYPES),
                f"a content type is one of: {', '.join(schema.CONTENT_TYPES)}",
            ),
            ("content_date", not _is_day(made.content_date), "say on which day it was put up, as YYYY-MM-DD"),
            (
                "content_language",
                made.content_language is not None
                and not (len(made.content_language) == 2 and made.content_language.isalpha()),
                "a language is two letters, for example EN",
            ),
            (
                "category",
                made.category not in database_categories(),
                "give the case a category of the closed list of conduct first: `tocsin case triage`",
            ),
            (
                "territorial_scope",
                not set(made.territorial_scope) <= schema.SCOPE,
                "name countries of the European Economic Area by two letters",
            ),
            ("decision_facts", not made.decision_facts.strip(), "state the facts that it rests on"),
            (
                "decision_facts",
                len(made.decision_facts) > schema.MAX_FACTS_CHARS,
                f"shorten the facts to {schema.MAX_FACTS_CHARS:,} characters",
            ),
            ("puid", not 0 < len(made.puid) <= schema.MAX_PUID_CHARS, "it needs a name of its own"),
        )
        if wrong
    )


def _ground_problems(made: StatementOfReasons) -> tuple[tuple[str, bool, str], ...]:
    """Either ground needs its own pair of fields."""
    pairs = {
        schema.GROUNDS[Ground.ILLEGAL]: (
            ("illegal_content_legal_ground", "name the law that it breaks"),
            ("illegal_content_explanation", "explain why the facts fall under that law"),
        ),
        schema.GROUNDS[Ground.TERMS]: (
            ("incompatible_content_ground", "name the rule of the terms that it breaks"),
            ("incompatible_content_explanation", "explain why the facts fall under that rule"),
        ),
    }.get(made.decision_ground, ())
    found = []
    for (field, said), most in zip(
        pairs, (schema.MAX_GROUND_CHARS, schema.MAX_EXPLANATION_CHARS), strict=False
    ):
        value = getattr(made, field) or ""
        found.append((field, not value.strip(), said))
        found.append((field, len(value) > most, f"shorten it to {most:,} characters"))
    return tuple(found)


def exported(made: Sequence[StatementOfReasons]) -> bytes:
    """One or many as the database takes them: one alone is an object, several are `statements`.

    Raises BadInput for none, for more than MAX_TOGETHER, and for one with problems, naming the first.
    """
    if not 1 <= len(made) <= schema.MAX_TOGETHER:
        raise BadInput(f"export 1 to {schema.MAX_TOGETHER} statements at a time")
    for one in made:
        wrong = problems(one)
        if wrong:
            raise BadInput(f"the statement {one.puid[:16]} lacks {wrong[0].field}: {wrong[0].said}")
    document: Any = made[0] if len(made) == 1 else {"statements": list(made)}
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _gravest(known: Mapping[Measure, str], measures: Sequence[Measure]) -> str | None:
    """The database takes one of a kind; tables are written from the mildest to the gravest."""
    found = [value for measure, value in known.items() if measure in measures]
    return found[-1] if found else None


def _puid(case: Case, decided: Disposition) -> str:
    """Of this decision alone, and telling nothing of the case to who does not know its id."""
    return hashlib.sha256(f"tocsin/statement/{case.id}/{decided.at}".encode()).hexdigest()[:32]


def _in_force(decided: Disposition) -> int:
    return decided.approved_at or decided.at


def _day(moment: int) -> str:
    return at_micros(moment).date().isoformat()


def _is_day(value: str | None) -> bool:
    try:
        return value is not None and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
