"""The translators' side: collect every text of the pages, and bring the language files up to date.

`python -m tocsin.web.console.extract` writes `locale/tocsin.pot` (the console) and `locale/public.pot` (the pages
without an account), and merges what is new into every language's file. `... extract mn` begins a language of the
console, `... extract public/mn` one of the public pages. It prints what is still to be translated.
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
from tocsin.web.console.languages import DOMAIN, LOCALE_DIR, PUBLIC

WEB = LOCALE_DIR.parent
DATA = "taxonomy"
"""Where a text of the shared language comes from; English and Chinese stand in the data itself."""
_SAID_BY_DATA = frozenset({"en", "zh"})
_METHODS = {
    DOMAIN: [("console/**.py", "python"), ("templates/*.html", "jinja2.ext:babel_extract")],
    PUBLIC: [("public/**.py", "python"), ("templates/public/*.html", "jinja2.ext:babel_extract")],
}
_OPTIONS = {
    pattern: {"trimmed": "true", "silent": "false"}
    for pattern in ("templates/*.html", "templates/public/*.html")
}
_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
_NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""The same source gives the same bytes: the moment of extraction is not in the file."""


def collect(domain: str = DOMAIN) -> Catalog:
    """Every text of the templates and of the view code; for the console, of the shared language's data too."""
    catalogue = _catalogue(None)
    found = extract_from_dir(
        WEB, _METHODS[domain], _OPTIONS, keywords=_KEYWORDS, comment_tags=("TRANSLATORS:",)
    )
    for path, _, message, comments, _ in found:
        catalogue.add(message, locations=[(path, 0)], auto_comments=comments)
    if domain == PUBLIC:
        return catalogue
    words = [(entry.en, entry.id) for entry in categories()]
    words += [(entry.en, entry.id) for entry in evidence_words().values()]
    words += [(entry.en, entry.code) for entry in sentences().values()]
    words += [(text, rule.id) for rule in artefact_rules().values() for text in (rule.en, rule.do_en)]
    for text, name in words:
        catalogue.add(text, locations=[(DATA, 0)], auto_comments=[name])
    return catalogue


def merged(tag: str, domain: str = DOMAIN) -> Catalog:
    """A language's file with every present text and no past one; its translations are kept."""
    path = po_path(tag, domain)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=_locale(tag))
    else:
        catalogue = _catalogue(_locale(tag))
    template = collect(domain)
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


def template_path(domain: str = DOMAIN) -> Path:
    """Every text, and no translation."""
    return LOCALE_DIR / f"{domain}.pot"


def po_path(tag: str, domain: str = DOMAIN) -> Path:
    return LOCALE_DIR / tag / "LC_MESSAGES" / f"{domain}.po"


def main(arguments: list[str]) -> int:
    """Write the templates and every language's file; returns 1 while something is untranslated."""
    left = 0
    for domain in (DOMAIN, PUBLIC):
        template_path(domain).write_text(text_of(collect(domain)), "utf-8")
        tags = {path.parent.parent.name for path in LOCALE_DIR.glob(f"*/LC_MESSAGES/{domain}.po")}
        begun = (argument.rpartition("/") for argument in arguments)
        tags |= {tag for named, _, tag in begun if (named or DOMAIN) == domain}
        for tag in sorted(tags):
            catalogue = merged(tag, domain)
            po_path(tag, domain).parent.mkdir(parents=True, exist_ok=True)
            po_path(tag, domain).write_text(text_of(catalogue), "utf-8")
            missing = untranslated(catalogue)
            left += len(missing)
            sys.stdout.write(f"{domain}/{tag}: {len(missing)} to translate\n")
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
