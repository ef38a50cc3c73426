"""What entries of other databases have in common once they are STIX. Ids are deterministic: twice changes nothing."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from tocsin.kernel import BadInput, EvidenceStatus
from tocsin.taxonomy.crosswalks import scheme
from tocsin.wire.stix import Bundle, StixObject, attach, canonical, check, definition, is_timestamp, own_id
from tocsin.wire.stix.extensions import DEFINED, Concept, NeighbourExtension
from tocsin.wire.stix.objects import Extended, Identity
from tocsin.wire.stix.problems import Code, Problem

Source = Literal["avid", "aiid"]
MAX_REFERENCES = 500
"""References that one object lists; an incident of AIID has at most some fifty."""

_NAMES: dict[Source, tuple[str, str]] = {
    "avid": ("AI Vulnerability Database", "https://avidml.org/"),
    "aiid": ("AI Incident Database", "https://incidentdatabase.ai/"),
}
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][\x21\x23-\x3b\x3d\x3f-\x7e]*)?")
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,12}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def identity_id(source: Source) -> str:
    """The identity that stands for a database here. It is our name for it, and signs nothing."""
    return own_id("identity", source)


def frame(source: Source) -> tuple[StixObject, ...]:
    """The objects that every import of a source rests on: who speaks, and what the extension means."""
    name, url = _NAMES[source]
    return (
        Identity(
            id=identity_id(source),
            created=DEFINED,
            modified=DEFINED,
            name=name,
            description=f"As imported from its published files; {url} speaks for itself.",
            identity_class="organization",
        ),
        definition(NeighbourExtension),
    )


def moment(text: str) -> str | None:
    """A day or a timestamp of theirs as STIX writes it; None when it is neither."""
    if _DAY.fullmatch(text):
        text += "T00:00:00.000Z"
    elif is_timestamp(text) and "." not in text:
        text = text[:-1] + ".000Z"
    return text if is_timestamp(text) else None


def extension(
    source: Source,
    entry: str,
    *,
    status: EvidenceStatus | None,
    terms: Iterable[tuple[str, str]] = (),
    rest: Mapping[str, Any],
) -> dict[str, dict[str, Any]]:
    """The `extensions` of an imported object. `terms` are pairs of a crosswalk's id and a term of theirs."""
    concepts = [
        Concept(ours=match.ours, relation=match.relation.value, scheme=name, theirs=term)
        for name, term in terms
        for match in scheme(name).matches
        if match.theirs == term
    ]
    return attach(
        NeighbourExtension(
            source=source,
            entry=entry,
            evidence_status=status or msgspec.UNSET,
            concepts=concepts or msgspec.UNSET,
            rest=msgspec.json.encode(rest, order="sorted").decode(),
        )
    )


def is_url(text: str) -> bool:
    """Whether STIX takes this as the `url` of a reference."""
    return _URL.fullmatch(text) is not None


def reference(source_name: str, *, label: str = "", url: str = "", entry: str = "") -> dict[str, str]:
    """An external reference. What is no URL that STIX takes stands in the description, so that it is not lost."""
    if url and not is_url(url):
        label, url = f"{label} {url}".strip(), ""
    parts = {"description": label, "url": url, "external_id": entry}
    return {"source_name": source_name or "reference"} | {name: part for name, part in parts.items() if part}


def cves(texts: Iterable[str]) -> tuple[str, ...]:
    """The CVE numbers that texts name, once each, in order."""
    return tuple(dict.fromkeys(number for text in texts for number in _CVE.findall(text)))


class Gathered:
    """Objects of one file as they are made, each checked as if it came from outside."""

    def __init__(self, source: Source) -> None:
        self._objects: dict[str, StixObject | Extended] = {item.id: item for item in frame(source)}
        self._framing = len(self._objects)
        self.problems: list[Problem] = []

    def add(self, value: Mapping[str, Any], index: int, entry: str) -> None:
        """Take an object, or note why not. `entry` is what a problem calls it."""
        try:
            checked = check(canonical(value), index)
        except BadInput as error:
            self.refuse(index, entry, "", error.message)
            return
        self.problems += [msgspec.structs.replace(found, object=entry) for found in checked.problems]
        if checked.item is None:
            return
        first = self._objects.setdefault(checked.item.id, checked.item)
        if first is not checked.item:
            equal = canonical(first) == canonical(checked.item)
            reason = (
                "comes twice, equal; one is kept" if equal else "comes twice, and differs; the first is kept"
            )
            code = Code.DUPLICATE if equal else Code.CONFLICT
            self.problems.append(Problem(entry, "", code, reason, fatal=not equal, index=index))

    def refuse(self, index: int, entry: str, field: str, reason: str, code: Code = Code.VALUE) -> None:
        """Note why an entry is left out."""
        self.problems.append(Problem(entry, field, code, reason, index=index))

    def bundle(self, what: str) -> Bundle:
        """All of it. Raises BadInput where there was nothing."""
        if len(self._objects) == self._framing and not self.problems:
            raise BadInput(f"{what} holds no entry")
        return Bundle(tuple(self._objects.values()), tuple(self.problems))
