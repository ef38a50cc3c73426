"""The node's memory of artefacts: what was inspected, whether it still stands, and who has to know.

A verdict speaks of bytes under rules. It is open again when a rule or an examiner that bore on it changes (`stale`),
or when something becomes known of a file or component it holds (`concerned`); only those, and each with its reason.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from tocsin.app.access import Access
from tocsin.app.artefact_words import ArtefactWords
from tocsin.kernel import Caller, Clock, NotFound, TocsinError, micros
from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection, worst
from tocsin.kernel.models import (
    InspectionLine,
    Intelligence,
    KeptInspection,
    ModelHistory,
    NoticeCause,
    OpenCause,
    Reopening,
)
from tocsin.store.interface import Store
from tocsin.taxonomy.artefact_rules import ArtefactRule, artefact_rules

OWN_RULES = "registry."
"""Findings that this node's memory adds: a new look replaces them."""

MAX_HISTORY = 500
"""Inspections and notices shown of one name; the store keeps all."""

MAX_NAMED = 8
"""Rules and entries that one reason names; the history says the rest."""

REOPEN_PAGE = 1_000
"""Artefacts opened in one transaction."""

DIGEST_CHARS = 64
OTHERS = "other files lie there now, and those were inspected"


class Look(Protocol):
    """What inspects a path: `assure.inspect` as it is, or with other rules and examiners."""

    def __call__(self, source: Path, *, clock: Clock, name: str = "") -> Inspection: ...


def look(source: Path, *, clock: Clock, name: str = "") -> Inspection:
    """`assure.inspect`, imported with its examiners when something is looked at: most commands read no model."""
    from tocsin.assure import inspect

    return inspect(source, clock=clock, name=name)


class Artefacts:
    """Keeps inspections, opens verdicts again, and looks anew where the files still lie."""

    def __init__(
        self,
        store: Store,
        access: Access,
        words: ArtefactWords,
        clock: Clock,
        *,
        look: Look,
        rules: Mapping[str, ArtefactRule] | None = None,
    ) -> None:
        self._store = store
        self._access = access
        self._words = words
        self._clock = clock
        self._look = look
        self._rules = artefact_rules() if rules is None else rules

    def record(self, by: Caller, path: Path, *, name: str = "", parent: str = "") -> KeptInspection:
        """Inspect what lies at a path and keep it. Raises NotAllowed, BadInput."""
        self._access.require(by, "model.manage")
        return self.look_at(path, name=name, by=by.user, parent=parent)

    def look_at(self, path: Path, *, name: str = "", by: str = "node", parent: str = "") -> KeptInspection:
        """Inspect and keep, on the node's own account. Raises BadInput."""
        place = path.resolve()
        looked = self._look(place, clock=self._clock, name=name)
        return self.keep(looked, source=str(place), by=by, parent=parent)

    def keep_for(self, by: Caller, inspection: Inspection, *, source: str = "") -> KeptInspection:
        """Keep a look that somebody took. Raises NotAllowed, TooLarge."""
        self._access.require(by, "model.manage")
        return self.keep(inspection, source=source, by=by.user)

    def keep(
        self, inspection: Inspection, *, source: str = "", by: str = "node", parent: str = ""
    ) -> KeptInspection:
        """Keep one look with what this node knows of its files and components besides; durable when it returns.

        `parent` is what it was made from, as somebody said; so are the parents of followed models that are this
        artefact. Who follows the artefact hears of a verdict that is another than before. Raises TooLarge.
        """
        from tocsin.assure.behind import behind
        from tocsin.assure.intelligence import matching

        with self._store.together():
            # Holds up who brings intelligence until this is kept: what this look misses, they find it holds.
            self._store.intelligence.put(())
            whole = self._beside_parents(self._with_intelligence(inspection), parent)
            before = self._store.inspections.latest(whole.artefact)
            self._store.inspections.remember_rules(behind(whole, self._rules))
            line = self._store.inspections.keep(whole, source=source, keys=matching.keys(whole))
            if before is not None and before.line.id != line.id and before.line.verdict is not line.verdict:
                values = {"old": before.line.verdict.value, "new": line.verdict.value}
                self._words.of_artefact(line.artefact, line.name, NoticeCause.VERDICT, line.id, values)
            self._tell_parents(whole)
            self._access.audit(
                by,
                "model.inspect",
                subject=line.artefact,
                purpose="",
                detail={"verdict": line.verdict.value, "findings": line.findings, "scanner": line.scanner},
            )
        return KeptInspection(line, whole)

    def latest(self, artefact: str) -> KeptInspection:
        """The latest look at an artefact, by its digest. Raises NotFound."""
        kept = self._store.inspections.latest(artefact)
        if kept is None:
            raise NotFound("no inspection of this artefact is kept here: `tocsin model record PATH`")
        return kept

    def named(self, name: str) -> KeptInspection:
        """The latest look at what a followed model, a digest or an inspection's own name stands for."""
        followed = self._store.followed.get(name)
        if followed is not None and followed.artefact:
            return self.latest(followed.artefact)
        if len(name) == DIGEST_CHARS:
            return self.latest(name)
        for line in self._store.inspections.listed(name=name, limit=1):
            return self.latest(line.artefact)
        raise NotFound(f"nothing called {name[:64]!r} is kept here: `tocsin model list` shows what is")

    def history(self, name: str) -> ModelHistory:
        """All looks and all word under a name, newest first: a followed model's, a digest's, or an inspection's."""
        model = self._store.followed.get(name)
        notices = self._store.artefact_notices.listed(model=name, limit=MAX_HISTORY) if model else ()
        artefacts = {notice.artefact for notice in notices} | ({model.artefact} if model else {name})
        lines = {
            line.id: line
            for artefact in sorted(artefacts)
            for line in self._store.inspections.history(artefact, limit=MAX_HISTORY)
        }
        for line in self._store.inspections.listed(name=name, every=True, limit=MAX_HISTORY):
            lines[line.id] = line
        if model is not None and model.source:
            for line in self._store.inspections.listed(source=model.source, every=True, limit=MAX_HISTORY):
                lines[line.id] = line
        if not lines and model is None:
            raise NotFound(f"nothing called {name[:64]!r} is kept here: `tocsin model list` shows what is")
        newest = sorted(lines.values(), key=lambda line: (-line.at, -line.seq))
        return ModelHistory(model, tuple(newest[:MAX_HISTORY]), notices)

    def listed(
        self,
        *,
        verdict: ArtefactVerdict | None = None,
        format_name: str | None = None,
        part: str | None = None,
        reopened: bool | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[InspectionLine, ...]:
        """The latest look at each artefact, newest first."""
        return self._store.inspections.listed(
            verdict=verdict, format_name=format_name, part=part, reopened=reopened, before=before, limit=limit
        )

    def reopened(self) -> tuple[InspectionLine, ...]:
        """Every verdict that is open again, newest first."""
        found: list[InspectionLine] = []
        while page := self._store.inspections.listed(
            reopened=True, before=found[-1].seq if found else None, limit=REOPEN_PAGE
        ):
            found.extend(page)
        return tuple(found)

    def stale(self) -> tuple[InspectionLine, ...]:
        """Open again each verdict that rests on a rules digest that is no longer today's, and no other.

        Equal digests come of equal rules and examiners: one inspection of each (format, digest) answers for all.
        """
        opened: list[InspectionLine] = []
        from tocsin.assure.behind import behind, changes
        from tocsin.assure.binding import opened_again

        wanted: dict[str, tuple[list[str], list[str]]] = {}
        for format_name, digest in sorted(self._store.inspections.bound()):
            lines = self._store.inspections.bound_to(format_name, digest)
            kept = self._store.inspections.get(lines[0].id) if lines else None
            if kept is None or format_name not in opened_again(kept.inspection, self._rules):
                continue
            known = self._store.inspections.rules_behind([digest]).get(digest)
            now = behind(kept.inspection, self._rules, formats=(format_name,))
            named = changes(known, next(iter(now.values())))
            for line in lines:
                what, formats = wanted.setdefault(line.id, ([], []))
                what.extend(change for change in named if change not in what)
                formats.append(format_name)
        at = micros(self._clock())
        reopenings = {
            identity: Reopening(at, OpenCause.RULES, tuple(what[:MAX_NAMED]), tuple(formats))
            for identity, (what, formats) in wanted.items()
        }
        opened.extend(self._reopen(reopenings))
        return tuple(opened)

    def concerned(self, items: Sequence[Intelligence]) -> tuple[InspectionLine, ...]:
        """Open again each verdict that these items make another one of, and no other.

        An item about a file concerns what holds it. One about a component concerns what names an affected version,
        and what it had found and finds no more.
        """
        holding = self._store.inspections.holding({key for item in items for key in item.keys})
        by_artefact: dict[str, list[Intelligence]] = {}
        for item in items:
            for artefact in {artefact for key in item.keys for artefact in holding.get(key, ())}:
                by_artefact.setdefault(artefact, []).append(item)
        at = micros(self._clock())
        reopenings = {}
        for artefact, about in by_artefact.items():
            kept = self._store.inspections.latest(artefact)
            if kept is None or not kept.line.stands:
                continue
            then, now = _own(kept.inspection.findings), _own(self._known_of(kept.inspection))
            kinds = {item.id: item.kind.value for item in about}
            changed = sorted({name for _, _, name in then ^ now if name in kinds})
            if changed:
                what = tuple(f"{kinds[name]}:{name}" for name in changed[:MAX_NAMED])
                reopenings[kept.line.id] = Reopening(at, OpenCause.INTELLIGENCE, what)
        return self._reopen(reopenings)

    def look_again(self, line: InspectionLine) -> KeptInspection | None:
        """Inspect anew what a verdict that is open again speaks of; None, and a word why, where that cannot be."""
        if not line.source:
            return self._wait(line, "it is not known where its files lie: `tocsin model record PATH`")
        if not Path(line.source).exists():
            return self._wait(line, "its files are no longer where they were")
        newest = self._store.inspections.listed(source=line.source, limit=1)
        if newest and newest[0].at > line.at and newest[0].artefact != line.artefact:
            return self._wait(line, OTHERS)  # told without reading them once more every day
        try:
            found = self._look(Path(line.source), clock=self._clock, name=line.name)
        except (TocsinError, OSError) as fault:
            return self._wait(
                line, fault.message if isinstance(fault, TocsinError) else "its files cannot be read"
            )
        kept = self.keep(found, source=line.source)
        if kept.line.artefact != line.artefact:
            return self._wait(line, OTHERS)
        return kept

    def _wait(self, line: InspectionLine, why: str) -> KeptInspection | None:
        self._store.inspections.wait(line.id, why)
        return None

    def _reopen(self, reopenings: Mapping[str, Reopening]) -> tuple[InspectionLine, ...]:
        opened: list[InspectionLine] = []
        names = sorted(reopenings)
        for start in range(0, len(names), REOPEN_PAGE):
            with self._store.together():
                some = {name: reopenings[name] for name in names[start : start + REOPEN_PAGE]}
                for line in self._store.inspections.reopen(some):
                    self._tell_reopened(line)
                    opened.append(line)
        return tuple(opened)

    def _tell_reopened(self, line: InspectionLine) -> None:
        assert line.reopened is not None  # `reopen` returns those that it opened
        what = ", ".join(line.reopened.what) or "its rules changed"
        self._words.of_artefact(
            line.artefact, line.name, NoticeCause.REOPENED, f"{line.id} {line.reopened.at}", {"what": what}
        )
        self._access.audit(
            "node",
            "model.reopen",
            subject=line.artefact,
            purpose=line.reopened.cause.value,
            detail={"what": what, "formats": " ".join(line.reopened.formats)},
        )

    def _tell_parents(self, inspection: Inspection) -> None:
        """Those who follow a model that this one says it was made from: by the name given here, or by its own."""
        from tocsin.assure.intelligence import matching
        from tocsin.assure.intelligence.names import model_keys

        bases = matching.bases(inspection)
        if not bases:
            return
        called = {
            model.name: model for model in self._store.followed.every() if bases & set(model_keys(model.name))
        }
        holding = self._store.inspections.holding(bases)
        for model in self._store.followed.of({one for artefacts in holding.values() for one in artefacts}):
            kept = self._store.inspections.latest(model.artefact)
            if kept is not None and bases & matching.names(kept.inspection):
                called[model.name] = model
        for model in called.values():
            if model.artefact != inspection.artefact:
                self._words.of_model(
                    model,
                    NoticeCause.DERIVATIVE,
                    inspection.artefact,
                    {"id": inspection.artefact},
                    artefact=inspection.artefact,
                )

    def _with_intelligence(self, inspection: Inspection) -> Inspection:
        rest = tuple(one for one in inspection.findings if not one.rule.startswith(OWN_RULES))
        return _with(msgspec.structs.replace(inspection, findings=rest), self._known_of(inspection))

    def _beside_parents(self, inspection: Inspection, parent: str) -> Inspection:
        """With what its chat templates do that those of its parents, where they are kept here, do not."""
        from tocsin.assure.texts.compared_templates import compared, templates_of

        own = templates_of(inspection.facts)
        named = {parent, *(model.parent for model in self._store.followed.of([inspection.artefact]))} - {""}
        if not own or not named:
            return inspection
        told: list[Finding] = []
        for name in sorted(named):
            try:
                kept = self.named(name)
            except NotFound:
                continue
            if kept.line.artefact != inspection.artefact:
                told += compared(templates_of(kept.inspection.facts), own)
        return _with(inspection, [one for one in told if one not in inspection.findings])

    def _known_of(self, inspection: Inspection) -> tuple[Finding, ...]:
        from tocsin.assure.intelligence import matching

        def about(keys: Collection[str]) -> Sequence[Intelligence]:
            return self._store.intelligence.about(keys)

        return matching.findings(inspection, about)


def _with(inspection: Inspection, told: Sequence[Finding]) -> Inspection:
    """The inspection with findings that this node adds: the parts they speak of are as bad as they say."""
    by_path: dict[str, list[ArtefactVerdict]] = {}
    for one in told:
        by_path.setdefault(one.place.path, []).append(one.verdict)
    return msgspec.structs.replace(
        inspection,
        findings=(*inspection.findings, *told),
        verdict=worst(inspection.verdict, *(one.verdict for one in told)),
        parts=tuple(
            msgspec.structs.replace(part, verdict=worst(part.verdict, *by_path[part.path]))
            if part.path in by_path
            else part
            for part in inspection.parts
        ),
    )


def _own(findings: Iterable[Finding]) -> frozenset[tuple[str, str, str]]:
    """(rule, path, id of the item) of what this node's memory added."""
    return frozenset(
        (one.rule, one.place.path, str(one.values["id"]))
        for one in findings
        if one.rule.startswith(OWN_RULES) and "id" in one.values
    )
