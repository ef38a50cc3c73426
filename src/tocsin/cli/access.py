"""tocsin access: who may use which capability of a model, by name and purpose; asked, granted, revoked, explained."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import access_applicants, access_compute, access_patrol
from tocsin.cli.callers import UserOption
from tocsin.cli.opening import DataOption, JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, say, show_json, show_table

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.kernel.admission import AccessAnswer, AccessRequest

app = typer.Typer(
    help="Who may use which capability of a model.", no_args_is_help=True, rich_markup_mode=None
)

app.add_typer(access_applicants.app, name="applicants")
app.add_typer(access_compute.app, name="compute")
app.add_typer(access_patrol.app, name="patrol")

ModelArgument = Annotated[str, typer.Argument(help="A digest, or the name of a followed model.")]
SubjectOption = Annotated[str, typer.Option(help="The end user, by pseudonym.")]
PurposeOption = Annotated[str, typer.Option(help="What it is for, in one word: teaching.")]
CapabilityOption = Annotated[str, typer.Option(help="The capability, as you named it.")]
ActOption = Annotated[str, typer.Option(help="use, operate, fine-tune or download.")]
TermsOption = Annotated[bool, typer.Option("--terms", help="The terms of use were accepted.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why, in your words.")]


@app.command()
def decide(
    data: DataOption,
    model: ModelArgument,
    subject: SubjectOption,
    user: Annotated[str, typer.Option(help="The gateway that asks: a user with the role source.")],
    act: ActOption = "use",
    capability: CapabilityOption = "general",
    purpose: PurposeOption = "",
    terms: TermsOption = False,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Decide as a gateway would be answered, and count it. Exit 1 when it is refused."""
    request = _request(model, subject, act, capability, purpose, terms)
    with opened(data) as node:
        answer = node.admission.decide(node.access.operator(user), request)
        _show(answer, language, json=json)


@app.command()
def explain(
    data: DataOption,
    model: ModelArgument,
    subject: SubjectOption,
    act: ActOption = "use",
    capability: CapabilityOption = "general",
    purpose: PurposeOption = "",
    terms: TermsOption = False,
    user: UserOption = "admin",
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Say what would be answered, why, and what would change it; nothing is counted. Exit 1 when refused."""
    request = _request(model, subject, act, capability, purpose, terms)
    with opened(data) as node:
        answer = node.admission.explain(node.access.operator(user), request)
        _show(answer, language, json=json)


@app.command()
def grant(
    data: DataOption,
    model: ModelArgument,
    subject: SubjectOption,
    purpose: PurposeOption,
    reason: WhyOption,
    days: Annotated[int, typer.Option(help="How long, at most 365.")] = 90,
    capability: CapabilityOption = "*",
    vouches: Annotated[
        str, typer.Option(help="A level that you checked outside this node: e-mail ... vetted.")
    ] = "none",
    evidence: Annotated[str, typer.Option(help="The sha256 of what shows it.")] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Name an end user for a capability and a purpose, until a day."""
    from tocsin.kernel.admission import VerificationLevel

    with opened(data) as node:
        made = node.admitting.grant(
            node.access.operator(user),
            subject,
            model,
            purpose=purpose,
            days=days,
            reason=reason,
            capability=capability,
            vouches=_level(vouches, VerificationLevel),
            evidence=evidence,
        )
    if json:
        show_json(made)
    else:
        say(f"{made.id}: {made.subject} may use {made.capability} for {made.purpose}, as the rules allow.")


@app.command()
def revoke(
    data: DataOption,
    grant_id: Annotated[str, typer.Argument(metavar="GRANT", help="The grant's id.")],
    reason: WhyOption,
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """End a grant: within five seconds no answer rests on it."""
    with opened(data) as node:
        ended = node.admitting.revoke(node.access.operator(user), grant_id, reason)
    if json:
        show_json(ended)
    else:
        say(f"{ended.id} is revoked.")


@app.command()
def grants(
    data: DataOption,
    subject: Annotated[str, typer.Option(help="Only of this end user.")] = "",
    model: Annotated[str, typer.Option(help="Only of this model.")] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """List grants, newest first, those that ended too."""
    from tocsin.kernel import at_micros

    with opened(data) as node:
        listed = node.admitting.grants(node.access.operator(user), subject=subject, model=model)
    if json:
        show_json({"grants": listed})
        return
    show_table(
        ("id", "end user", "model", "capability", "for", "until", ""),
        (
            (
                one.id,
                one.subject,
                one.artefact[:12],
                one.capability,
                one.purpose,
                at_micros(one.until).date(),
                "revoked" if one.revoked is not None else "",
            )
            for one in listed
        ),
        empty="Nobody is named: `tocsin access grant` names somebody.",
    )


@app.command()
def capability(
    data: DataOption,
    model: ModelArgument,
    name: Annotated[str, typer.Argument(help="The capability, as you name it.")],
    least: Annotated[str, typer.Option(help="The least level of verification.")] = "none",
    labelled: Annotated[bool, typer.Option("--labelled", help="What comes out must be labelled.")] = False,
    human: Annotated[bool, typer.Option("--human", help="A person must be in the loop.")] = False,
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say what a capability asks beside the release decision: more, never less."""
    from tocsin.kernel.admission import VerificationLevel

    with opened(data) as node:
        made = node.admitting.ask_of(
            node.access.operator(user),
            model,
            name,
            least=_level(least, VerificationLevel),
            labelled=labelled,
            human=human,
        )
    if json:
        show_json(made)
    else:
        say(f"{made.name} of {made.artefact[:12]} asks for it from now on.")


@app.command()
def answers(
    data: DataOption,
    model: Annotated[str, typer.Option(help="Only of this model.")] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """List what was refused or granted with obligations, counted by day; nobody is in it."""
    with opened(data) as node:
        node.access.require(node.access.operator(user), "access.read")
        artefact = node.releases.digest(model) if model else ""
        listed = node.store.admission.counted(artefact=artefact)
    if json:
        show_json({"answers": listed})
        return
    show_table(
        ("day", "answer", "times", "model", "capability", "act", "rules", "obliged to"),
        (
            (
                one.day,
                "granted" if one.granted else "refused",
                one.count,
                one.artefact[:12],
                one.capability,
                one.act,
                ", ".join(one.rules),
                ", ".join(one.obligations),
            )
            for one in listed
        ),
        empty="Nothing was refused, and nothing that obliges was granted.",
    )


def _request(
    model: str, subject: str, act: str, capability: str, purpose: str, terms: bool
) -> "AccessRequest":
    from tocsin.wire.authzen import access_request

    return access_request(
        subject=subject, act=act, model=model, capability=capability, purpose=purpose, terms=terms
    )


def _level(text: str, levels: Any) -> Any:
    from tocsin.kernel import BadInput

    if text not in set(levels):
        raise BadInput(f"a level is one of {', '.join(levels)}")
    return levels(text)


def _show(answer: "AccessAnswer", language: str, *, json: bool) -> None:
    from tocsin.app.admission_views import changes, sentences

    if json:
        from tocsin.wire.authzen import answer_value

        show_json(answer_value(answer, sentences(answer)))
    else:
        chosen = chosen_language(language)
        typer.echo("granted" if answer.granted else "refused")
        for reason, text in zip(answer.reasons, sentences(answer)[chosen], strict=True):
            say(f"  {reason.rule}: {text}")
        for way in changes(answer, chosen):
            typer.echo("with all of this it would be granted:")
            for text in way:
                say(f"  {text}")
        for one in answer.obligations:
            detail = ", ".join(f"{name} {value}" for name, value in one.values.items())
            say(f"obliges to {one.kind.value}{': ' if detail else ''}{detail}")
        if answer.overlays:
            say(f"overlays that are on: {', '.join(answer.overlays)}")
    if not answer.granted:
        raise typer.Exit(1)
