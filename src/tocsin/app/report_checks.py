"""What a public report may hold: bounds and shape, each with a sentence for who wrote it."""

import re

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.cases import CaseFlag
from tocsin.kernel.reports import ReportContent
from tocsin.taxonomy import category

MIN_WHAT_CHARS = 3
""""Help" is a report."""
MAX_WHAT_CHARS = 20_000
"""Some forty pages of handwriting."""
MAX_WHERE_CHARS = 2_000
MAX_WHEN_CHARS = 400
MAX_CONTACT_CHARS = 400
MAX_LANG_CHARS = 35
"""RFC 5646, 4.4.1."""

_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")


class WrongField(BadInput):
    """What is wrong with a report, by field: each a word that the pages have a sentence for."""

    code = "bad-report"
    status = 422

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {_SAID[why]}" for name, why in fields.items()))
        self.fields = fields


EMPTY, LONG, UNKNOWN, FILES_OF_CHILD = "empty", "long", "unknown", "files-of-child"
_SAID = {
    EMPTY: "say at least a few words",
    LONG: "too long: send the beginning, and add the rest afterwards",
    UNKNOWN: "none of the known ones: leave it empty",
    FILES_OF_CHILD: "no files are taken with a report of child abuse: write where they are instead",
}


def check_content(content: ReportContent, *, files: int = 0) -> None:
    """Raises WrongField."""
    wrong = {}
    if len(content.what.strip()) < MIN_WHAT_CHARS:
        wrong["what"] = EMPTY
    for name, most in (
        ("what", MAX_WHAT_CHARS),
        ("where", MAX_WHERE_CHARS),
        ("when", MAX_WHEN_CHARS),
        ("contact", MAX_CONTACT_CHARS),
    ):
        if len(getattr(content, name)) > most:
            wrong[name] = LONG
    if content.category and category(content.category) is None:
        wrong["category"] = UNKNOWN
    if len(content.lang) > MAX_LANG_CHARS or not _LANG.fullmatch(content.lang):
        wrong["lang"] = UNKNOWN
    if files and CaseFlag.CHILD_MATERIAL in content.flags:
        wrong["files"] = FILES_OF_CHILD
    if wrong:
        raise WrongField(wrong)


def check_words(text: str, *, least: int, most: int = MAX_WHAT_CHARS) -> None:
    """What somebody adds or objects. Raises WrongField, TooLarge."""
    if len(text.strip()) < least:
        raise WrongField({"text": EMPTY})
    if len(text) > most:
        raise TooLarge(f"{most:,} characters at a time: send the beginning, and then the rest")
