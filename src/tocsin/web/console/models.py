"""Models: what each artefact is, what was found in it, what it says of itself, and what became of its verdicts."""

import re
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.assure.intelligence.versions import Answer
from tocsin.kernel import ArtefactVerdict, Fact, Finding, NotFound, Severity
from tocsin.kernel.inventory import InventoryForm
from tocsin.kernel.models import FollowedModel, InspectionLine, KeptInspection, NoticeCause, OpenCause
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.part_trees import MAX_LINES, part_tree
from tocsin.web.console.render import link, render
from tocsin.web.console.visits import Visit, visit_of

PER_PAGE = 50
MAX_HISTORY = 50
MAX_FINDINGS = 200
"""Findings with a block of their own on the page, the gravest first; the rest are counted and in `--json`."""

MAX_FACTS = 200
MAX_VALUE_CHARS = 300
MAX_TEMPLATE_CHARS = 20_000
MAX_TEMPLATES = 64
MAX_KNOWN = 100
"""Entries of each kind that are known of an artefact; `tocsin model vulnerabilities` has all."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SEQ = re.compile(r"[0-9]{1,18}")

VERDICTS = {
    ArtefactVerdict.CLEAN: N_(
        "Every byte that a loader acts on was read and understood, and nothing is wrong by the rules of that day. "
        "It says nothing of how the model behaves."
    ),
    ArtefactVerdict.NOT_EXAMINED: N_(
        "Some of it is in a format that nothing here reads. That is not clean: do not load it on this word."
    ),
    ArtefactVerdict.INCONCLUSIVE: N_(
        "Some of it could not be judged: broken, encrypted, too large, or two programs would read it as two things. "
        "That is not clean: do not load it on this word."
    ),
    ArtefactVerdict.FOUND: N_(
        "Something is wrong in it. Do not load it before a person has looked at the findings."
    ),
}
CAUSES = {
    OpenCause.RULES: N_("Rules or examiners that bear on it have changed since."),
    OpenCause.INTELLIGENCE: N_("Word came in since that concerns it."),
}
NOTICES = {
    NoticeCause.NEW_VERSION: N_("There is a new version"),
    NoticeCause.TEMPLATE: N_("Its chat template changed"),
    NoticeCause.LICENCE: N_("Its licence changed"),
    NoticeCause.WITHDRAWN: N_("It was withdrawn"),
    NoticeCause.RETURNED: N_("It is there again"),
    NoticeCause.DERIVATIVE: N_("There is a new derivative of it"),
    NoticeCause.REOPENED: N_("Its verdict is open again"),
    NoticeCause.VERDICT: N_("Its verdict changed"),
    NoticeCause.REVIEW_DUE: N_("Its review is due"),
    NoticeCause.RELEASE_ENDED: N_("Its release decision ended"),
    NoticeCause.NAMED: N_("A report names a model that is called like it"),
}
FACTS = {
    "architecture": N_("Architecture"),
    "tensors": N_("Tensors"),
    "quantisation": N_("Quantisation"),
    "licence": N_("Licence"),
    "base-model": N_("Made from"),
    "dataset": N_("Data sets"),
    "tokenizer": N_("Tokenizer"),
    "operator-set": N_("Operator sets"),
    "requirement": N_("Requirements"),
    "signature": N_("Signatures"),
    "metadata": N_("Metadata"),
    "chat-template": N_("Chat templates"),
}
"""Kinds of facts with their headings, in the order of the page; others follow under their own name."""

CHANGES = {
    "same": N_("The weights are the same."),
    "fine-tuned": N_("The weights descend from it and were changed densely, as training on does."),
    "adapter-merged": N_(
        "The weights descend from it; the change is of low rank, as a merged adapter leaves it."
    ),
    "quantised": N_("The weights descend from it and were rounded."),
    "tuned-quantised": N_("The weights descend from it, and changed by more than rounding explains."),
    "pruned": N_("The weights descend from it, and values became zero."),
    "merged": N_("The weights are a mixture of it and of other models."),
    "unrelated": N_("The weights show no descent from it."),
}
ANSWERS = {
    Answer.AFFECTED: N_("Affected: this very version is named"),
    Answer.ADMITS: N_("No version is fixed: an affected one may be installed"),
    Answer.UNSETTLED: N_("Not settled: the entry's versions cannot be compared"),
}
FORMS = {
    InventoryForm.CYCLONEDX_1_7: "CycloneDX 1.7",
    InventoryForm.CYCLONEDX_1_6: "CycloneDX 1.6",
    InventoryForm.SPDX_3: "SPDX 3",
}
LINEAGE = "base-model"
TEMPLATE = "chat-template"
_GRAVITY = {severity: number for number, severity in enumerate(Severity)}


class Said(msgspec.Struct, frozen=True):
    """A fact as the page shows it: where, and its values as short texts."""

    path: str
    values: tuple[tuple[str, str], ...]


class ShownTemplate(msgspec.Struct, frozen=True):
    """A chat template as the page shows it; `left_out` counts the characters that it does not."""

    path: str
    name: str
    sha256: str
    text: str
    left_out: int


class Group(msgspec.Struct, frozen=True):
    """Findings of one rule: told once, with every place."""

    first: Finding
    places: tuple[Finding, ...]


@get("/models", sync_to_thread=True)
def models_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every artefact by its latest inspection, the models that are followed, and what is new about them."""
    visit = visit_of(request)
    visit.require(acts.MODELS_READ)
    store = visit.node.store
    asked = {name: visit.query.get(name, "") for name in ("verdict", "name", "open")}
    before = visit.query.get("before", "")
    lines = store.inspections.listed(
        name=asked["name"] or None,
        verdict=ArtefactVerdict(asked["verdict"]) if asked["verdict"] in set(ArtefactVerdict) else None,
        reopened=True if asked["open"] else None,
        before=int(before) if _SEQ.fullmatch(before) else None,
        limit=PER_PAGE + 1,
    )
    counts: dict[ArtefactVerdict, int] = {}
    for (verdict, _), number in store.inspections.counts().items():
        counts[verdict] = counts.get(verdict, 0) + number
    followed = store.followed.every()
    latest = {one.name: _line(visit, one) for one in followed}
    return render(
        visit,
        "models.html",
        lines=lines[:PER_PAGE],
        older=link("/models", {**asked, "before": str(lines[PER_PAGE - 1].seq)})
        if len(lines) > PER_PAGE
        else "",
        asked=asked,
        counts=counts,
        verdicts=list(ArtefactVerdict),
        causes=CAUSES,
        followed=followed,
        latest=latest,
        notices=store.artefact_notices.listed(unread=True, limit=PER_PAGE),
        said=NOTICES,
        now=visit.now,
    )


@get("/models/{digest:str}", sync_to_thread=True)
def model_page(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[str]:
    """One artefact by its digest; with ?inspection= as it was judged then. Raises NotFound."""
    visit = visit_of(request)
    visit.require(acts.MODELS_READ)
    store = visit.node.store
    kept = kept_of(visit, digest)
    inspection = kept.inspection
    flaws = visit.node.intake.flaws(kept)
    groups = grouped(inspection.findings)
    history = store.inspections.history(digest, limit=MAX_HISTORY)
    versions = [
        line
        for line in store.inspections.listed(name=inspection.name, limit=MAX_HISTORY)
        if line.artefact != digest
    ]
    facts = list(inspection.facts[:MAX_FACTS])
    return render(
        visit,
        "model.html",
        line=kept.line,
        inspection=inspection,
        meaning=VERDICTS[inspection.verdict],
        causes=CAUSES,
        groups=groups[:MAX_FINDINGS],
        more=max(0, len(groups) - MAX_FINDINGS),
        tree=part_tree(inspection.parts),
        most=MAX_LINES,
        kinds=_kinds(facts),
        headings=FACTS,
        claims=[_said(fact) for fact in facts if fact.kind == LINEAGE],
        templates=[_template(fact) for fact in inspection.facts if fact.kind == TEMPLATE][:MAX_TEMPLATES],
        measured=store.descents.of(digest, limit=MAX_HISTORY),
        changes=CHANGES,
        forms=FORMS,
        matches=flaws.matches[:MAX_KNOWN],
        answers=ANSWERS,
        bad_files=flaws.bad_files[:MAX_KNOWN],
        reports=flaws.claims[:MAX_KNOWN],
        unsaid=sum(max(0, len(one) - MAX_KNOWN) for one in (flaws.matches, flaws.bad_files, flaws.claims)),
        followed=store.followed.of([digest]),
        history=history,
        versions=versions,
        notices=store.artefact_notices.listed(artefact=digest, limit=MAX_HISTORY),
        said=NOTICES,
    )


def kept_of(visit: Visit, digest: str) -> KeptInspection:
    """The latest inspection of an artefact, or that of ?inspection=. Raises NotFound."""
    inspections, asked = visit.node.store.inspections, visit.query.get("inspection", "")
    kept = None
    if _DIGEST.fullmatch(digest):
        kept = inspections.get(asked) if asked else inspections.latest(digest)
    if kept is None or kept.line.artefact != digest:
        raise NotFound("no inspection of it is kept here: `tocsin model inspect PATH --data DIR` keeps one")
    return kept


def grouped(findings: tuple[Finding, ...]) -> list[Group]:
    """Findings by rule and values, the gravest first: forty shards with one fault are one thing to read."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        found.setdefault((one.rule, str(sorted(one.values.items()))), []).append(one)
    groups = [Group(places[0], tuple(places)) for places in found.values()]
    return sorted(groups, key=lambda group: -_GRAVITY[group.first.severity])


def _line(visit: Visit, model: FollowedModel) -> InspectionLine | None:
    if not model.artefact:
        return None
    # a line, and not the whole of what was inspected: that may be megabytes for each model of the page
    return next(iter(visit.node.store.inspections.history(model.artefact, limit=1)), None)


def _kinds(facts: list[Fact]) -> list[tuple[str, list[Said]]]:
    """Facts by kind in the order of FACTS; lineage and templates have places of their own."""
    found: dict[str, list[Said]] = {}
    for fact in facts:
        if fact.kind not in (LINEAGE, TEMPLATE):
            found.setdefault(fact.kind, []).append(_said(fact))
    order = list(FACTS)
    return sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order))


def _said(fact: Fact) -> Said:
    return Said(fact.path, tuple((name, _short(value)) for name, value in sorted(fact.values.items())))


def _template(fact: Fact) -> ShownTemplate:
    """The text as it stands, cut to what a page can hold."""
    name, sha256, text = (str(fact.values.get(key, "")) for key in ("name", "sha256", "text"))
    left_out = max(0, (_count(fact.values.get("characters")) or len(text)) - MAX_TEMPLATE_CHARS)
    if not text:
        left_out = _count(fact.values.get("characters"))
    return ShownTemplate(fact.path, name, sha256, text[:MAX_TEMPLATE_CHARS], left_out)


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= MAX_VALUE_CHARS else text[:MAX_VALUE_CHARS] + "…"
