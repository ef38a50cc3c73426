"""The translators' side: collect every text of the console, and bring the language files up to date.

`python -m tocsin.web.console.extract` writes `locale/tocsin.pot` and merges what is new into every language's file;
`python -m tocsin.web.console.extract mn` begins a language. It prints what is still to be translated.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tocsin.taxonomy import categories
from tocsin.taxonomy.artefact_rules import artefact_rules
from tocsin.taxonomy.messages import evidence_words, sentences
from tocsin.web.console.languages import DOMAIN, LOCALE_DIR

WEB = LOCALE_DIR.parent
TEMPLATE_FILE = LOCALE_DIR / f"{DOMAIN}.pot"
DATA = "taxonomy"
"""Where a text of the shared language comes from; English and Chinese stand in the data itself."""
_SAID_BY_DATA = frozenset({"en", "zh"})
_METHODS = [("console/**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
_NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""The same source gives the same bytes: the moment of extraction is not in the file."""


def collect() -> Catalog:
    """Every text of the templates, of the view code, and of the shared language's data."""
    catalogue = _catalogue(None)
    found = extract_from_dir(WEB, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("TRANSLATORS:",))
    for path, _, message, comments, _ in found:
        catalogue.add(message, locations=[(path, 0)], auto_comments=comments)
    words = [(entry.en, entry.id) for entry in categories()]
    words += [(entry.en, entry.id) for entry in evidence_words().values()]
    words += [(entry.en, entry.code) for entry in sentences().values()]
    words += [(text, rule.id) for rule in artefact_rules().values() for text in (rule.en, rule.do_en)]
    for text, name in words:
        catalogue.add(text, locations=[(DATA, 0)], auto_comments=[name])
    return catalogue


def merged(tag: str) -> Catalog:
    """A language's file with every present text and no past one; its translations are kept."""
    path = po_path(tag)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=_locale(tag))
    else:
        catalogue = _catalogue(_locale(tag))
    template = collect()
    if tag in _SAID_BY_DATA:
        for message in [message for message in template if _only_data(message)]:
            template.delete(message.id)
    catalogue.update(template, no_fuzzy_matching=True, keep_user_comments=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = catalogue.revision_date = _NO_MOMENT
    return catalogue


def text_of(catalogue: Catalog) -> str:
    """The catalogue as the text of its file."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, include_lineno=False, sort_output=True)
    return buffer.getvalue().decode()


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts that have no translation, or a doubtful one."""
    return [
        str(message.id if isinstance(message.id, str) else message.id[0])
        for message in catalogue
        if message.id and (message.fuzzy or not all(_strings(message)))
    ]


def po_path(tag: str) -> Path:
    return LOCALE_DIR / tag / "LC_MESSAGES" / f"{DOMAIN}.po"


def main(arguments: list[str]) -> int:
    """Write the template and every language's file; returns 1 while something is untranslated."""
    TEMPLATE_FILE.write_text(text_of(collect()), "utf-8")
    tags = {path.parent.parent.name for path in LOCALE_DIR.glob(f"*/LC_MESSAGES/{DOMAIN}.po")} | set(
        arguments
    )
    left = 0
    for tag in sorted(tags):
        catalogue = merged(tag)
        po_path(tag).parent.mkdir(parents=True, exist_ok=True)
        po_path(tag).write_text(text_of(catalogue), "utf-8")
        missing = untranslated(catalogue)
        left += len(missing)
        sys.stdout.write(f"{tag}: {len(missing)} to translate\n")
        sys.stdout.writelines(f"  {text}\n" for text in missing)
    return 1 if left else 0


def _catalogue(locale: Locale | None) -> Catalog:
    catalogue = Catalog(
        locale=locale,
        project="Tocsin",
        version="1",
        header_comment="# Tocsin: the texts of the console. Apache-2.0.",
        creation_date=_NO_MOMENT,
        revision_date=_NO_MOMENT,
        fuzzy=False,
    )
    catalogue.copyright_holder = "The Tocsin authors"
    return catalogue


def _locale(tag: str) -> Locale:
    # Chinese in the simplified script unless the tag says otherwise
    return Locale.parse("zh_Hans" if tag == "zh" else tag, sep="_" if tag == "zh" else "-")


def _only_data(message: Message) -> bool:
    return bool(message.id) and bool(message.locations) and all(path == DATA for path, _ in message.locations)


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
