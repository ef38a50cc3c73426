"""The part of an OSV entry that is matched and shown, as it is kept. Source: OSV schema 1.7."""

import msgspec


class OsvEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class OsvRange(msgspec.Struct, frozen=True, omit_defaults=True):
    type: str
    events: tuple[OsvEvent, ...] = ()
    repo: str | None = None


class OsvPackage(msgspec.Struct, frozen=True, omit_defaults=True):
    ecosystem: str = ""
    name: str = ""


class OsvAffected(msgspec.Struct, frozen=True, omit_defaults=True):
    package: OsvPackage | None = None
    ranges: tuple[OsvRange, ...] = ()
    versions: tuple[str, ...] = ()


class OsvSeverity(msgspec.Struct, frozen=True, omit_defaults=True):
    type: str = ""
    score: str = ""


class OsvEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """`severity` holds CVSS vectors as their author wrote them."""

    id: str
    summary: str = ""
    modified: str = ""
    withdrawn: str | None = None
    aliases: tuple[str, ...] = ()
    severity: tuple[OsvSeverity, ...] = ()
    affected: tuple[OsvAffected, ...] = ()
