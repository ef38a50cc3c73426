"""tocsin model decide: how far may these bytes go out, by which rule, and what would change it?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from tocsin.cli.opening import JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, say, show_json
from tocsin.evaluate.files import read_file
from tocsin.kernel import BadInput
from tocsin.kernel.release import OPENNESS, Tier

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.gate import Asked
    from tocsin.kernel import Inspection
    from tocsin.kernel.evaluations import Evaluation
    from tocsin.kernel.release import Ground, ReleaseDecision, Told

MAX_FILE_BYTES = 64 << 20
"""As large as an inspection that a node keeps."""

MAX_SHOWN = 30
CONTEXT = "context."

Kind = TypeVar("Kind")


def decide(
    artefact: Annotated[str, typer.Argument(help="A path, or a digest; with --data a followed name too.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Decide in this node, for two people to approve.")
    ] = None,
    evaluation: Annotated[
        list[Path] | None, typer.Option("--evaluation", help="An evaluation's JSON; may be repeated.")
    ] = None,
    inspection: Annotated[
        Path | None,
        typer.Option("--inspection", help="What `inspect --json` printed; a path is looked at otherwise."),
    ] = None,
    wanted: Annotated[Tier, typer.Option("--wanted", help="How far you want it to go.")] = Tier.OPEN_WEIGHTS,
    closed: Annotated[
        bool, typer.Option("--closed", help="The weights are not to be published anyway: the same rules.")
    ] = False,
    context: Annotated[
        list[str] | None,
        typer.Option("--context", help="High-risk context, such as health; may be repeated."),
    ] = None,
    compute: Annotated[float | None, typer.Option("--compute", help="Operations of training: 3e25.")] = None,
    jurisdiction: Annotated[
        list[str] | None, typer.Option("--jurisdiction", help="EU, US-CA...; may be repeated.")
    ] = None,
    met: Annotated[
        list[str] | None, typer.Option("--met", help="OVERLAY/DEMAND that was met; may be repeated.")
    ] = None,
    policies: Annotated[
        Path | None, typer.Option("--policies", help="Without a node: a folder of your own *.cedar.")
    ] = None,
    overlays: Annotated[
        Path | None, typer.Option("--overlays", help="Without a node: a folder of your own overlays.")
    ] = None,
    benefits: Annotated[str, typer.Option("--benefits", help="What use is lost or kept by it.")] = "",
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Say how far a model may go out. Exit 0 when what is wanted is given, 1 when less, 3 for want of evidence.

    Without --data it needs no node: files in, an answer out.
    """
    from tocsin.gate import Asked
    from tocsin.kernel.release import Told

    language = chosen_language(language)
    told = Told(
        contexts=tuple(one if one.startswith(CONTEXT) else CONTEXT + one for one in context or ()),
        compute=compute,
        met=tuple(met or ()),
        evaluations=tuple(_evaluation(one) for one in evaluation or ()),
    )
    asked = Asked(
        by="",
        wanted=wanted,
        closed=closed,
        jurisdictions=tuple(jurisdiction or ()),
        benefits=benefits,
    )
    if data is not None:
        if policies or overlays:
            raise BadInput("a node has its own policies and overlays: leave --policies and --overlays away")
        decision = _in_node(data, artefact, inspection, asked, told)
    else:
        decision = _alone(artefact, inspection, asked, told, policies, overlays)
    if json:
        show_json(document(decision, language))
    else:
        tell(decision, language)
        if data is not None:
            typer.echo(f"\nKept as {decision.id[:12]}: two people approve it, `tocsin model approve`.")
    leave(decision)


def _in_node(
    data: Path, artefact: str, inspection: Path | None, asked: "Asked", told: "Told"
) -> "ReleaseDecision":
    with opened(data) as node:
        operator = node.access.operator()
        if inspection is not None:
            artefact = node.artefacts.keep_for(operator, _inspection(inspection)).line.artefact
        elif Path(artefact).exists():
            artefact = node.artefacts.record(operator, Path(artefact)).line.artefact
        return node.releases.propose(operator, artefact, asked, told)


def _alone(
    artefact: str,
    inspection: Path | None,
    asked: "Asked",
    told: "Told",
    policies: Path | None,
    overlays: Path | None,
) -> "ReleaseDecision":
    from tocsin.assure import inspect
    from tocsin.gate import Brought, chosen, load_overlays, plain_digest
    from tocsin.gate import decide as judge
    from tocsin.kernel import system_clock
    from tocsin.trust.release_policy import ReleasePolicies

    seen = _inspection(inspection) if inspection is not None else None
    if Path(artefact).exists() and seen is None:
        seen = inspect(Path(artefact), clock=system_clock)
    named = Path(artefact).resolve().name if Path(artefact).exists() else artefact[:24]
    brought = Brought(
        artefact=seen.artefact if seen is not None and Path(artefact).exists() else plain_digest(artefact),
        name=seen.name if seen is not None else named,
        evaluations=told.evaluations,
        inspection=seen,
        contexts=told.contexts,
        compute=told.compute,
        overlays=chosen(load_overlays(overlays), asked.jurisdictions),
        met=told.met,
    )
    return judge(brought, asked, ReleasePolicies.load(policies), system_clock())


def _evaluation(file: Path) -> "Evaluation":
    from tocsin.kernel.evaluations import Evaluation

    return _read(file, Evaluation, "an evaluation")


def _inspection(file: Path) -> "Inspection":
    from tocsin.kernel import Inspection

    return _read(file, Inspection, "an inspection, as `tocsin model inspect --json` prints it")


def _read(file: Path, kind: type[Kind], what: str) -> Kind:
    import msgspec

    try:
        return msgspec.json.decode(read_file(file, MAX_FILE_BYTES), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"{file.name} is not {what}: {str(error)[:200]}") from None


def document(decision: "ReleaseDecision", language: str) -> dict[str, Any]:
    """The decision's own fields; each ground and step with its sentence in `language`, and the answer in a word."""
    import msgspec

    from tocsin.gate import given, said, undecided

    row: dict[str, Any] = msgspec.to_builtins(decision)
    row["answer"] = "given" if given(decision) else "undecided" if undecided(decision) else "less"
    for ground, shown in zip(decision.grounds, row["grounds"], strict=True):
        shown["why"] = why(ground, language)
    for way, shown in zip(decision.ways, row["ways"], strict=True):
        for step, told in zip(way.steps, shown["steps"], strict=True):
            told["says"] = said(step.id, step.values, language)
    return row


def why(ground: "Ground", language: str) -> str:
    """The ground's sentence in `language`; as it was kept where it is an own policy's."""
    from tocsin.gate import said

    name = "held.exemption" if ground.kind == "exemption" else ground.rule
    return said(name, ground.values, language, otherwise=ground.why)


def tell(decision: "ReleaseDecision", language: str) -> None:
    """For people: the tier, what decides, what speaks for it, and what would change it."""
    from tocsin.gate import said

    words = _WORDS[language]
    say(f"{decision.name}: {said(decision.tier.value, language=language)}")
    typer.echo(f"  sha256 {decision.artefact}")
    typer.echo(f"  {words['wanted']}: {decision.wanted.value}; {words['until']}: {decision.expires}")
    for condition in decision.conditions:
        typer.echo(f"  - {said(condition, language=language)}")
    typer.echo(f"\n{words['grounds']}")
    for ground in decision.grounds[:MAX_SHOWN]:
        bound = "" if ground.most is Tier.OPEN_WEIGHTS else f"  ≤ {ground.most.value}"
        say(f"  {ground.rule}{bound}\n    {why(ground, language)}")
        if ground.evidence:
            say(f"    {ground.evidence[:80]}")
    if len(decision.grounds) > MAX_SHOWN:
        typer.echo(f"  + {len(decision.grounds) - MAX_SHOWN}: --json")
    _tell_ways(decision, language)


def _tell_ways(decision: "ReleaseDecision", language: str) -> None:
    from tocsin.gate import said

    if decision.tier is OPENNESS[-1]:
        return
    typer.echo(f"\n{_WORDS[language]['change']}")
    if not decision.ways:
        typer.echo(f"  {said('tier.veto' if _vetoed(decision) else 'tier.many', language=language)}")
    for way in decision.ways:
        typer.echo(f"  → {way.tier.value}")
        for step in way.steps:
            say(f"    {said(step.id, step.values, language)}")


def _vetoed(decision: "ReleaseDecision") -> bool:
    from tocsin.trust.release_policy import ReleasePolicies

    rules = ReleasePolicies.load().by_id
    return any(one.rule in rules and rules[one.rule].veto for one in decision.grounds)


def leave(decision: "ReleaseDecision") -> None:
    """Exit 0 given, 1 less, 3 undecided."""
    from tocsin.gate import given, undecided

    if not given(decision):
        raise typer.Exit(3 if undecided(decision) else 1)


_WORDS = {
    "en": {
        "wanted": "wanted",
        "until": "counts until",
        "grounds": "Grounds, deciding first",
        "change": "What would change it",
    },
    "zh": {
        "wanted": "期望",
        "until": "有效至",
        "grounds": "依据（决定性的在前）",
        "change": "什么会改变此决定",
    },
}
