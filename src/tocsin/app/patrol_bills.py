"""A submission's bill of materials beside what this node knows of components, models and files."""

from collections.abc import Callable, Collection, Mapping, Sequence

from tocsin.admit.patrol import Bill
from tocsin.assure.intelligence.matching import Component, component_of_purl, matched
from tocsin.assure.intelligence.versions import Answer
from tocsin.kernel import BadInput
from tocsin.kernel.inventory import BomComponent
from tocsin.kernel.models import Intelligence, IntelligenceKind
from tocsin.wire.bills import MODEL, components_in

SHA256 = "SHA-256"
MAX_IDS = 5
"""Ids told of one component."""

About = Callable[[Collection[str]], Sequence[Intelligence]]


def bill_of(data: bytes, path: str, about: About) -> Bill:
    """What a bill holds, and what is known of it here. One that cannot be read says so and nothing else."""
    try:
        listed = components_in(data)
    except BadInput:
        return Bill(readable=False)
    rest = [one for one in listed if one.kind != MODEL]
    wanted = {one.purl: found for one in rest if one.purl and (found := component_of_purl(one.purl, path))}
    matches = matched(tuple(wanted.values()), about({one.key for one in wanted.values()}))
    affected: dict[str, list[str]] = {}
    malicious: dict[str, list[str]] = {}
    unsettled: dict[str, list[str]] = {}
    for match in matches:
        settled = malicious if match.malicious else affected
        rows = settled if match.answer is Answer.AFFECTED else unsettled
        rows.setdefault(_name(match.component), []).append(match.entry.id)
    for name, known in _bad_files(rest, about).items():
        malicious.setdefault(name, []).append(known)
    return Bill(
        models=tuple((one.name, one.hashes.get(SHA256, "")) for one in listed if one.kind == MODEL),
        unnamed=sum(
            1 for one in rest if one.kind in ("library", "application", "framework") and not one.purl
        ),
        affected=_ids(affected),
        malicious=_ids(malicious),
        unsettled=_ids(unsettled),
    )


def _bad_files(listed: Sequence[BomComponent], about: About) -> dict[str, str]:
    by_digest = {one.hashes[SHA256]: one.name for one in listed if SHA256 in one.hashes}
    return {
        by_digest[key]: item.id
        for item in about(set(by_digest))
        if item.kind is IntelligenceKind.FILE_HASH and not item.withdrawn
        for key in item.keys
        if key in by_digest
    }


def _name(one: Component) -> str:
    return f"{one.name} {one.version}".strip()


def _ids(rows: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {
        name: ", ".join(ids[:MAX_IDS]) + (f" +{len(ids) - MAX_IDS}" if len(ids) > MAX_IDS else "")
        for name, ids in rows.items()
    }
