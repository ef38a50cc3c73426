"""Media types in Accept and Content-Type headers (RFC 9110 sections 8.3.1 and 12.5.1), and their two errors."""

import re

from tocsin.kernel import BadInput

MAX_HEADER_CHARS = 1024
"""Longer headers name no type that any client of ours sends."""

_PARAMETER = re.compile(r'\s*;\s*([A-Za-z0-9!#$&^_.+-]+)\s*=\s*("[^"\\]*"|[A-Za-z0-9!#$&^_.+*-]+)')
_MEDIA = re.compile(r"\s*([A-Za-z0-9!#$&^_.+*-]+/[A-Za-z0-9!#$&^_.+*-]+)")
_ZERO = re.compile(r"0(?:\.0{0,3})?")


class NotAcceptable(BadInput):
    """The client accepts no form that this server speaks (TAXII 2.1 section 1.6.8)."""

    code = "not-acceptable"
    status = 406


class WrongMediaType(BadInput):
    """The body is of a type that this endpoint does not take."""

    code = "unsupported-media-type"
    status = 415


def media_ranges(header: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """Pairs of (type in lower case, parameters); what is malformed is left out, and all of an over-long header."""
    found = []
    for part in header.split(",") if len(header) <= MAX_HEADER_CHARS else ():
        media = _MEDIA.match(part)
        if media is None:
            continue
        rest = media.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(part, rest):
            parameters[parameter[1].lower()] = parameter[2].strip('"')
            rest = parameter.end()
        if not part[rest:].strip():
            found.append((media[1].lower(), parameters))
    return tuple(found)


def is_refused(parameters: dict[str, str]) -> bool:
    """Whether a range of Accept says "not this one" (a quality of zero)."""
    return _ZERO.fullmatch(parameters.get("q", "1")) is not None
