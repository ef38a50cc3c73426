"""Languages: one gettext file each, read once at start; negotiation; dates and numbers by CLDR.

A language of the console is the file `locale/TAG/LC_MESSAGES/tocsin.po`, one of the public pages `public.po` beside
it: the public pages speak more languages than the console. English is the language of the source and has no file.
"""

import gettext
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from tocsin.kernel import at_micros

LOCALE_DIR = Path(__file__).parent.parent / "locale"
DOMAIN = "tocsin"
PUBLIC = "public"
"""The texts of the pages without an account (`web.public`)."""
ENGLISH = "en"

MAX_ACCEPT_LANGUAGE_CHARS = 500
"""An honest browser sends under 200; the rest is not read."""

_UNITS = ("digital-kilobyte", "digital-megabyte", "digital-gigabyte", "digital-terabyte")
_SYMBOLS = dict(zip(("digital-byte", *_UNITS), ("B", "kB", "MB", "GB", "TB"), strict=True))
_KILO = 1_000


def N_(text: str) -> str:  # noqa: N802  # the name that gettext tools look for
    """Mark `text` for translation where it is written; it is translated where it is shown."""
    return text


class Language:
    """One language: its words, and how it writes numbers and dates.

    `tag` is what `?lang=` takes; `html` the BCP 47 tag for the lang attribute; `name` its own name for itself.
    """

    def __init__(self, tag: str, translations: gettext.NullTranslations, locale: Locale) -> None:
        self.tag = tag
        self.translations = translations
        self.locale = locale
        self.html = str(locale).replace("_", "-") if tag != ENGLISH else ENGLISH
        self.name = Locale(locale.language).get_display_name() or tag

    def say(self, text: str, **values: object) -> str:
        """`text` in this language, with %(name)s filled in."""
        said = self.translations.gettext(text)
        return said % values if values else said

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def percent(self, share: float) -> str:
        """A share of one, as whole percent."""
        return str(format_percent(share, locale=self.locale))

    def share(self, share: float) -> str:
        """A share of one in percent, with a decimal under ten percent."""
        digits = "#,##0.#" if abs(share) < 0.0995 else "#,##0"
        pattern = self.locale.percent_formats[None].pattern
        return str(format_percent(share, format=pattern.replace("#,##0", digits), locale=self.locale))

    def time(self, moment: int | datetime) -> str:
        """Date and minute in UTC, of microseconds or of an aware datetime."""
        when = at_micros(moment) if isinstance(moment, int) else moment.astimezone(UTC)
        pattern = str(get_datetime_format("medium", locale=self.locale)).replace("'", "")
        hour = format_time(when, format="short", tzinfo=UTC, locale=self.locale)
        day = format_date(when.date(), format="medium", locale=self.locale)
        return f"{pattern.replace('{0}', hour).replace('{1}', day)}\N{NO-BREAK SPACE}UTC"

    def day(self, moment: int) -> str:
        return str(format_date(at_micros(moment).date(), format="medium", locale=self.locale))

    def ago(self, moment: int, now: datetime) -> str:
        """How long before `now`, in the largest whole unit."""
        lag: timedelta = at_micros(moment) - now
        return str(format_timedelta(lag, add_direction=True, locale=self.locale))

    def size(self, count: int) -> str:
        """Bytes; from ten thousand on in the largest unit of which there are ten."""
        if count < 10 * _KILO:
            return self._unit(count, "digital-byte", "long")
        value, unit = count / _KILO, _UNITS[0]
        for larger in _UNITS[1:]:
            if value < 10 * _KILO:
                break
            value, unit = value / _KILO, larger
        return self._unit(round(value), unit, "short")

    def _unit(self, value: int, unit: str, length: Literal["short", "long"]) -> str:
        """In the locale's words; where CLDR has none for it, with the symbol that is the same everywhere."""
        said = str(format_unit(value, unit, length=length, locale=self.locale))
        return said if unit not in said else f"{self.number(value)} {_SYMBOLS[unit]}"


def languages(domain: str = DOMAIN) -> dict[str, Language]:
    """Every language there is a file for, by tag; English first. The same objects each time."""
    return read_languages(domain)


@cache  # by its one argument: with a default, the same languages would be read twice and be no longer the same
def read_languages(domain: str) -> dict[str, Language]:
    """The files, read once."""
    found = {ENGLISH: Language(ENGLISH, gettext.NullTranslations(), Locale.parse("en_GB"))}
    for path in sorted(LOCALE_DIR.glob(f"*/LC_MESSAGES/{domain}.po")):
        tag = path.parent.parent.name.lower()
        with path.open("rb") as file:
            catalogue = read_po(file)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        locale = catalogue.locale or Locale.parse(tag, sep="-")
        found[tag] = Language(tag, gettext.GNUTranslations(compiled), locale)
    return found


def choose(*, asked: str | None, kept: str | None, accept: str | None, domain: str = DOMAIN) -> Language:
    """The language to answer in: what was asked for, else what the cookie keeps, else what the browser accepts."""
    known = languages(domain)
    for tag in (asked, kept, *_accepted(accept or "")):
        if tag and (language := _nearest(tag, known)):
            return language
    return known[ENGLISH]


def _nearest(tag: str, known: Mapping[str, Language]) -> Language | None:
    """`zh-Hant-TW` → `zh-hant-tw`, else `zh-hant`, else `zh`: the nearest that there is (RFC 4647, lookup)."""
    parts = tag[:MAX_ACCEPT_LANGUAGE_CHARS].lower().replace("_", "-").split("-")
    names = ("-".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((known[name] for name in names if name in known), None)


def _accepted(header: str) -> list[str]:
    """Tags of an Accept-Language header, best first; what cannot be read is passed over (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for item in header[:MAX_ACCEPT_LANGUAGE_CHARS].split(","):
        tag, _, parameter = item.strip().partition(";")
        quality = parameter.strip().removeprefix("q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if 0 < weight <= 1:
            weighed.append((weight, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]
