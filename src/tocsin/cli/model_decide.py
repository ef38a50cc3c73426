"""tocsin model decide: how far may these bytes go out, by which rule, and what would change it?"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from tocsin.cli.opening import JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, complain, say, show_json
from tocsin.evaluate.files import read_file
from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.release import OPENNESS, Tier

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from collections.abc import Callable, Mapping, Sequence

    from tocsin.gate import Asked
    from tocsin.kernel import Inspection
    from tocsin.kernel.evaluations import Evaluation
    from tocsin.kernel.release import Ground, ReleaseDecision, Told
    from tocsin.trust.signing_keys import PublicKey

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
        list[Path] | None,
        typer.Option("--evaluation", help="What `evaluation attest` wrote; may be repeated."),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="Public key in PEM of who signed one; may be repeated."),
    ] = None,
    unsigned: Annotated[
        bool,
        typer.Option("--unsigned", help="DANGER: take evaluations that nobody signed on your own word."),
    ] = False,
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
    cites: Annotated[
        list[str] | None,
        typer.Option(
            "--cites", help="With --data: a precedent, by its id or how it begins; may be repeated."
        ),
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
    pems = _pems(key or ())
    told = Told(
        contexts=tuple(one if one.startswith(CONTEXT) else CONTEXT + one for one in context or ()),
        compute=compute,
        met=tuple(met or ()),
        keys=pems,
        unsigned=unsigned,
    )
    files = _files(evaluation or ())
    if unsigned and files:
        complain(
            "--unsigned: what nobody signed is taken on your word; the decision says so and opens little"
        )
    asked = Asked(
        by="",
        wanted=wanted,
        closed=closed,
        jurisdictions=tuple(jurisdiction or ()),
        benefits=benefits,
        cites=tuple(cites or ()),
    )
    if data is None and cites:
        raise BadInput("the register of key cases is a node's: cite with --data")
    if data is not None:
        if policies or overlays:
            raise BadInput("a node has its own policies and overlays: leave --policies and --overlays away")
        decision = _in_node(data, artefact, inspection, asked, told, files)
    else:
        decision = _alone(artefact, inspection, asked, told, files, policies, overlays)
    if json:
        show_json(document(decision, language))
    else:
        tell(decision, language)
        if data is not None:
            typer.echo(f"\nKept as {decision.id[:12]}: two people approve it, `tocsin model approve`.")
    leave(decision)


def _in_node(
    data: Path,
    artefact: str,
    inspection: Path | None,
    asked: "Asked",
    told: "Told",
    files: "Mapping[str, bytes]",
) -> "ReleaseDecision":
    import msgspec

    with opened(data) as node:
        operator = node.access.operator()
        asked = msgspec.structs.replace(
            asked, cites=tuple(node.releases.get(operator, one).id for one in asked.cites)
        )
        read = partial(node.releases.evidence, keys=_keys(told.keys), unsigned=told.unsigned)
        told = msgspec.structs.replace(told, evaluations=_evaluations(files, read))
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
    files: "Mapping[str, bytes]",
    policies: Path | None,
    overlays: Path | None,
) -> "ReleaseDecision":
    from tocsin.app.evidence_files import read_evaluation
    from tocsin.assure import inspect
    from tocsin.gate import Brought, Word, chosen, load_overlays, plain_digest
    from tocsin.gate import decide as judge
    from tocsin.kernel import system_clock
    from tocsin.trust.release_policy import ReleasePolicies

    read = partial(read_evaluation, keys=_keys(told.keys), unsigned=told.unsigned)
    evaluations = _evaluations(files, read)
    seen = _inspection(inspection) if inspection is not None else None
    if Path(artefact).exists() and seen is None:
        seen = inspect(Path(artefact), clock=system_clock)
    named = Path(artefact).resolve().name if Path(artefact).exists() else artefact[:24]
    brought = Brought(
        artefact=seen.artefact if seen is not None and Path(artefact).exists() else plain_digest(artefact),
        name=seen.name if seen is not None else named,
        evaluations=evaluations,
        words={one.id: Word.SIGNED if one.statement else Word.UNSIGNED for one in evaluations},
        inspection=seen,
        contexts=told.contexts,
        compute=told.compute,
        overlays=chosen(load_overlays(overlays), asked.jurisdictions),
        met=told.met,
    )
    return judge(brought, asked, ReleasePolicies.load(policies), system_clock())


def _files(files: "Sequence[Path]") -> dict[str, bytes]:
    from tocsin.assure.provenance.signed_files import read_bounded

    found = {str(file): read_bounded(file, MAX_FILE_BYTES) for file in files}
    for name, content in found.items():
        if len(content) > MAX_FILE_BYTES:
            raise BadInput(f"{name} is over {MAX_FILE_BYTES >> 20} MiB")
    return found


def _pems(files: "Sequence[Path]") -> tuple[bytes, ...]:
    from tocsin.assure.provenance.signed_files import read_bounded
    from tocsin.trust.signing_keys import MAX_PEM_BYTES

    return tuple(read_bounded(file, MAX_PEM_BYTES) for file in files)


def _keys(pems: "Sequence[bytes]") -> "list[PublicKey]":
    from tocsin.trust.signing_keys import read_public

    return [read_public(pem) for pem in pems]


def _evaluations(
    files: "Mapping[str, bytes]", read: "Callable[[bytes], Evaluation]"
) -> "tuple[Evaluation, ...]":
    """Each file checked; its name stands before what is wrong with it."""
    found: list[Evaluation] = []
    for name, content in files.items():
        try:
            found.append(read(content))
        except (BadInput, Conflict) as error:
            raise type(error)(f"{name}: {error.message}") from None
    return tuple(found)


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
    from tocsin.gate.telling import ground_said

    row: dict[str, Any] = msgspec.to_builtins(decision)
    row["answer"] = "given" if given(decision) else "undecided" if undecided(decision) else "less"
    for ground, shown in zip(decision.grounds, row["grounds"], strict=True):
        shown["why"] = ground_said(ground, language)
    for way, shown in zip(decision.ways, row["ways"], strict=True):
        for step, told in zip(way.steps, shown["steps"], strict=True):
            told["says"] = said(step.id, step.values, language)
    return row


def tell(decision: "ReleaseDecision", language: str) -> None:
    """For people: the tier, what decides, what speaks for it, and what would change it."""
    from tocsin.gate import said
    from tocsin.gate.telling import ground_said

    words = _WORDS[language]
    say(f"{decision.name}: {said(decision.tier.value, language=language)}")
    typer.echo(f"  sha256 {decision.artefact}")
    typer.echo(f"  {words['wanted']}: {decision.wanted.value}; {words['until']}: {decision.expires}")
    for condition in decision.conditions:
        typer.echo(f"  - {said(condition, language=language)}")
    typer.echo(f"\n{words['grounds']}")
    for ground in decision.grounds[:MAX_SHOWN]:
        bound = "" if ground.most is Tier.OPEN_WEIGHTS else f"  ≤ {ground.most.value}"
        say(f"  {ground.rule}{bound}\n    {ground_said(ground, language)}")
        if ground.evidence:
            say(f"    {ground.evidence[:80]}  {_whose(ground, language)}".rstrip())
    if len(decision.grounds) > MAX_SHOWN:
        typer.echo(f"  + {len(decision.grounds) - MAX_SHOWN}: --json")
    _tell_ways(decision, language)


def _whose(ground: "Ground", language: str) -> str:
    """Whether the node measured it, or whose word it is."""
    from tocsin.gate import said

    word = ground.values.get("word", "")
    return f"({said(f'word.{word}', language=language)})" if word else ""


def _tell_ways(decision: "ReleaseDecision", language: str) -> None:
    from tocsin.gate import said
    from tocsin.gate.telling import ways_said

    if decision.tier is OPENNESS[-1]:
        return
    typer.echo(f"\n{_WORDS[language]['change']}")
    if not decision.ways:
        typer.echo(f"  {said('tier.veto' if _vetoed(decision) else 'tier.many', language=language)}")
    for tier, steps in ways_said(decision, language):
        typer.echo(f"  → {tier.value}")
        for step in steps:
            say(f"    {step}")


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
