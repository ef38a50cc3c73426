"""What of the intelligence concerns an inspection, how surely, and the findings that say so.

A component matches by its name and version, a file by its bytes. A model matches a report by name alone: that is told
(`claims`) and is no finding.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import msgspec

from tocsin.assure.examining import finding
from tocsin.assure.intelligence.file_hashes import OWN
from tocsin.assure.intelligence.names import PURL_ECOSYSTEMS, model_keys, package_key
from tocsin.assure.intelligence.osv import MALICIOUS
from tocsin.assure.intelligence.osv_form import OsvEntry
from tocsin.assure.intelligence.versions import Answer, admits, lies_in
from tocsin.kernel.artefacts import Fact, Finding, Inspection, Part
from tocsin.kernel.models import Intelligence, IntelligenceKind

MAX_MATCHES = 5_000
"""Findings of one inspection: beyond it the first is as good a reason as the next."""

_PINNED = re.compile(r"={2,3}\s*([^\s,;*]+)")
_ENTRY = msgspec.json.Decoder(OsvEntry)


class Component(msgspec.Struct, frozen=True):
    """One package that is asked for or installed. `version` is exact; else `specifier` says what is admitted."""

    ecosystem: str
    name: str
    path: str
    version: str = ""
    specifier: str = ""

    @property
    def key(self) -> str:
        return package_key(self.ecosystem, self.name)


class Match(msgspec.Struct, frozen=True):
    """One entry that bears on one component. `aliases` are other ids of the same flaw."""

    component: Component
    entry: Intelligence
    answer: Answer
    aliases: tuple[str, ...] = ()

    @property
    def malicious(self) -> bool:
        return any(name.startswith(MALICIOUS) for name in (self.entry.id, *self.aliases))


def component_of(fact: Fact) -> Component | None:
    """The component that a requirement fact names; None for one without a name."""
    said = {name: str(value) for name, value in fact.values.items() if isinstance(value, str)}
    if purl := said.get("purl"):
        return component_of_purl(purl, fact.path)
    name = said.get("name", "").partition("[")[0].strip()
    if not name:
        return None
    if url := said.get("url"):  # whatever lies there: no published version, so nothing settles it
        return Component("PyPI", name, fact.path, "", f"@ {url}")
    ecosystem = said.get("ecosystem") or {"conda": "conda"}.get(said.get("from", ""), "PyPI")
    specifier = said.get("specifier", "").strip()
    pinned = _PINNED.fullmatch(specifier)
    version = said.get("version", "") or (pinned[1] if pinned else "")
    return Component(ecosystem, name, fact.path, version, "" if version else specifier)


def component_of_purl(purl: str, path: str) -> Component | None:
    """A package URL's component; None for one that is broken, or names no package."""
    from packageurl import PackageURL

    try:
        read = PackageURL.from_string(purl)
    except ValueError:
        return None
    ecosystem = PURL_ECOSYSTEMS.get(read.type, read.type)
    joint = ":" if read.type == "maven" else "/"
    named = f"{read.namespace}{joint}{read.name}" if read.namespace and read.type != "deb" else read.name
    return Component(ecosystem, named, path, read.version or "")


def components(inspection: Inspection) -> tuple[Component, ...]:
    """Each that its requirement facts name, once."""
    found = (component_of(fact) for fact in inspection.facts if fact.kind == "requirement")
    return tuple(dict.fromkeys(one for one in found if one is not None))


def names(inspection: Inspection) -> frozenset[str]:
    """Keys of the names that the artefact goes by: its own, and what its files say they are."""
    return frozenset(
        (*model_keys(inspection.name), *(key for fact in inspection.facts for key in _named(fact, "model")))
    )


def bases(inspection: Inspection) -> frozenset[str]:
    """Keys of the models that its files name as what it was made from."""
    return frozenset(key for fact in inspection.facts for key in _named(fact, "base-model"))


def keys(inspection: Inspection) -> frozenset[str]:
    """All that it is found by beside its bytes."""
    return names(inspection) | bases(inspection) | {one.key for one in components(inspection)}


def _named(fact: Fact, kind: str) -> Iterator[str]:
    if fact.kind == kind or (kind == "model" and fact.kind == "metadata"):
        wanted = ("name", "id") if fact.kind == kind else ("general.name", "model_name", "_name_or_path")
        for field in wanted:
            value = fact.values.get(field)
            for one in value if isinstance(value, list | tuple) else (value,):
                if isinstance(one, str):
                    yield from model_keys(one)


def matched(wanted: Sequence[Component], entries: Iterable[Intelligence]) -> tuple[Match, ...]:
    """Every entry that a component is affected by, admits, or that could not be settled; one row a flaw."""
    by_key: dict[str, list[Component]] = {}
    for component in wanted:
        by_key.setdefault(component.key, []).append(component)
    found: list[Match] = []
    for item in entries:
        if item.kind is not IntelligenceKind.OSV or item.withdrawn:
            continue
        entry = _ENTRY.decode(item.body)
        for component in (one for key in item.keys for one in by_key.get(key, ())):
            answer = judged(component, entry)
            if answer is not Answer.NOT_AFFECTED:
                found.append(Match(component, item, answer, entry.aliases))
    return tuple(_one_row_a_flaw(found))


def judged(component: Component, entry: OsvEntry) -> Answer:
    """The gravest that any part of the entry says of the component."""
    answers = {Answer.NOT_AFFECTED}
    for one in entry.affected:
        if one.package is None or package_key(one.package.ecosystem, one.package.name) != component.key:
            continue
        if component.version:
            answers.add(lies_in(component.version, one, one.package.ecosystem))
        elif component.ecosystem.casefold() == "pypi":
            answers.add(admits(component.specifier, one))
        else:
            answers.add(Answer.UNSETTLED)
    return next(answer for answer in Answer if answer in answers)


def _one_row_a_flaw(found: Sequence[Match]) -> Iterator[Match]:
    """Two databases enter one flaw under two ids and name each other as aliases: the surer answer stands for both."""
    taken: dict[Component, set[str]] = {}
    for match in sorted(found, key=lambda one: (list(Answer).index(one.answer), one.entry.id)):
        ids = {match.entry.id, *match.aliases}
        known = taken.setdefault(match.component, set())
        if not ids & known:
            yield match
        known |= ids


def vulnerable(matches: Sequence[Match]) -> tuple[Finding, ...]:
    """Findings of `matched`: one for each flaw of a fixed version, one in sum for what is merely admitted."""
    told = []
    admitted: dict[tuple[Component, Answer], int] = {}
    for match in matches:
        component, answer = match.component, match.answer
        if answer is Answer.AFFECTED:
            rule = "registry.malicious-requirement" if match.malicious else "registry.vulnerable-requirement"
            told.append(
                finding(
                    rule,
                    component.path,
                    field=component.name,
                    name=component.name,
                    version=component.version,
                    id=match.entry.id,
                )
            )
        else:
            admitted[component, answer] = admitted.get((component, answer), 0) + 1
    for (component, answer), count in admitted.items():
        rule = "registry.admits-vulnerable" if answer is Answer.ADMITS else "registry.unsettled-requirement"
        told.append(finding(rule, component.path, field=component.name, name=component.name, count=count))
    return tuple(told[:MAX_MATCHES])


def known_bad(parts: Iterable[Part], artefact: str, items: Iterable[Intelligence]) -> tuple[Finding, ...]:
    """Findings for files whose very bytes are named."""
    where: dict[str, str] = {artefact: "."}
    for part in parts:
        if part.sha256:
            where.setdefault(part.sha256, part.path)
    told = []
    for item in items:
        if item.kind is not IntelligenceKind.FILE_HASH or item.withdrawn:
            continue
        for path in dict.fromkeys(where[key] for key in item.keys if key in where):
            if item.source == OWN:
                told.append(finding("registry.known-bad-file", path, id=item.id))
            else:
                told.append(finding("registry.bad-file-by-peer", path, id=item.id, source=item.source))
    return tuple(told[:MAX_MATCHES])


def findings(
    inspection: Inspection, about: Callable[[Collection[str]], Sequence[Intelligence]]
) -> tuple[Finding, ...]:
    """All that is known of an inspection's files and components. `about` gives the intelligence for some keys."""
    wanted = components(inspection)
    sha256s = {inspection.artefact, *(part.sha256 for part in inspection.parts)} - {""}
    return (
        *known_bad(inspection.parts, inspection.artefact, about(sha256s)),
        *vulnerable(matched(wanted, about({one.key for one in wanted}))),
    )
