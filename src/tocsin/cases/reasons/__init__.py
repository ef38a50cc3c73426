"""Why something was decided: the statement of reasons that the law wants, and the letter that a person reads.

Enters: a case, its disposition, an appeal. Leaves: a statement in the DSA transparency database's form with what is
missing of it, letters in English, Chinese and Mongolian. Refuses: an identifier in either, and an incomplete statement.
"""

from tocsin.cases.reasons.letters import (
    LANGUAGES,
    Letter,
    Section,
    date_word,
    language_of,
    letter,
    measure_said,
    outcome_letter,
)
from tocsin.cases.reasons.schema import Crossed, StatementOfReasons, crosswalk, database_categories
from tocsin.cases.reasons.statement import Circumstances, Problem, exported, problems, statement

__all__ = [
    "LANGUAGES",
    "Circumstances",
    "Crossed",
    "Letter",
    "Problem",
    "Section",
    "StatementOfReasons",
    "crosswalk",
    "database_categories",
    "date_word",
    "exported",
    "language_of",
    "letter",
    "measure_said",
    "outcome_letter",
    "problems",
    "statement",
]
