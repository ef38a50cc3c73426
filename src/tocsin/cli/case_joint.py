"""tocsin case joint: cases that several organisations work on, each keeping what it does not say."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import moment, say, show_json, show_table
from tocsin.kernel.disposing import Measure
from tocsin.kernel.indicators import EvidenceStatus
from tocsin.kernel.joint_cases import Choice, Explains, JointOutcome, JointRule

if TYPE_CHECKING:
    from tocsin.app.joint_cases import JointCases
    from tocsin.cases.joint import JointState
    from tocsin.kernel import Caller

app = typer.Typer(
    help="Joint cases: open, accept, share facts, vote, decide.", no_args_is_help=True, rich_markup_mode=None
)

UserOption = Annotated[str, typer.Option(help="Who speaks for this node: a reviewer.")]
JointArgument = Annotated[str, typer.Argument(help="The joint case's id: sha256:...")]
WhyOption = Annotated[str, typer.Option(help="The reason, in your words; the parties read it.")]
DayOption = Annotated[datetime, typer.Option(help="The last day of it.", formats=["%Y-%m-%d"])]


@app.command("open")
def open_case(
    data: DataOption,
    case: Annotated[str, typer.Argument(help="The case of this node that it is about.")],
    party: Annotated[list[str], typer.Option(help="A peer that is invited; may be repeated.")],
    rule: Annotated[JointRule, typer.Option(help="Who decides.")],
    purpose: Annotated[str, typer.Option(help="What it is for; the parties read it.")],
    until: DayOption,
    user: UserOption,
    category: Annotated[str, typer.Option(help="Conduct, where it is not that of the case.")] = "",
    json: JsonOption = False,
) -> None:
    """Invite peers to work on a case with this node. The invitation leaves through `tocsin share publish`."""
    from tocsin.app.joint_cases import Terms

    asked = Terms(purpose=purpose, until=moment(until) or 0, category=category)
    _act(data, user, json, lambda joint, by: joint.open(by, case, party, rule, asked))


@app.command("list")
def list_cases(data: DataOption, user: UserOption = "admin", json: JsonOption = False) -> None:
    """Show the joint cases that this node convened or was invited to."""
    from tocsin.app.joint_case_views import joint_line

    with opened(data) as node:
        joint = node.joint_cases
        rows = [joint_line(one, joint.names(one)) for one in joint.listed(node.access.operator(user))]
    if json:
        show_json({"joint_cases": rows})
        return
    show_table(
        ("purpose", "convener", "rule", "until", "parties", "undecided", "missing", "id"),
        (
            (
                row["purpose"][:48],
                row["convener"],
                row["rule"],
                row["until"] + (" CLOSED" if row["closed"] else ""),
                ", ".join(row["parties"]),
                row["open_proposals"],
                row["missing"] or "",
                row["id"],
            )
            for row in rows
        ),
        empty="No joint case: `tocsin case joint open` begins one.",
    )


@app.command()
def show(
    data: DataOption, joint: JointArgument, user: UserOption = "admin", json: JsonOption = False
) -> None:
    """Show a joint case: who is in it, facts, tasks, votes, what was decided, what is missing or refused."""
    from tocsin.app.joint_case_views import joint_view

    with opened(data) as node:
        state = node.joint_cases.state(node.access.operator(user), joint)
        view = joint_view(state, node.joint_cases.names(state))
    if json:
        show_json(view)
        return
    _print(view)


@app.command()
def accept(data: DataOption, joint: JointArgument, user: UserOption, json: JsonOption = False) -> None:
    """Join, on behalf of this node."""
    _act(data, user, json, lambda cases, by: cases.accept(by, joint))


@app.command()
def decline(
    data: DataOption, joint: JointArgument, why: WhyOption, user: UserOption, json: JsonOption = False
) -> None:
    """Decline an invitation; the parties read why."""
    _act(data, user, json, lambda cases, by: cases.decline(by, joint, why))


@app.command()
def link(
    data: DataOption,
    joint: JointArgument,
    case: Annotated[str, typer.Argument(help="The case of this node.")],
    user: UserOption,
) -> None:
    """Note that a case of this node is part of a joint case; nobody else learns of it."""
    with opened(data) as node:
        node.joint_cases.link(node.access.operator(user), joint, case)
    typer.echo("Noted.")


@app.command()
def fact(
    data: DataOption,
    joint: JointArgument,
    user: UserOption,
    text: Annotated[str, typer.Option(help="What you know, in words meant for the parties.")] = "",
    basis: Annotated[str, typer.Option(help="On what ground.")] = "",
    evidence: Annotated[EvidenceStatus, typer.Option(help="How far it has come.")] = EvidenceStatus.OBSERVED,
    confidence: Annotated[int, typer.Option(help="How sure, in percent.")] = 50,
    form: Annotated[str, typer.Option(help="It says who it was: which kind of actor, never a name.")] = "",
    form_confidence: Annotated[int, typer.Option(help="How sure of that, in percent; at most 95.")] = 0,
    otherwise: Annotated[
        Explains, typer.Option(help="What else may explain it; needed with --form.")
    ] = Explains.TOO_LITTLE,
    otherwise_confidence: Annotated[int, typer.Option(help="How likely that is, in percent.")] = 0,
    would_decide: Annotated[str, typer.Option(help="What would tell the two apart.")] = "",
    withdraw: Annotated[
        str, typer.Option(help="Take back the fact of this id, for the reason in --text.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Share one fact, or take one back."""
    from msgspec import UNSET

    from tocsin.kernel.joint_cases import Attributes, Fact, Otherwise

    if withdraw:
        _act(data, user, json, lambda cases, by: cases.withdraw_fact(by, joint, withdraw, text))
        return
    other = Otherwise(explanation=otherwise, confidence=otherwise_confidence, would_decide=would_decide)
    attributed = Attributes(form=form, confidence=form_confidence, alternatives=[other]) if form else UNSET
    said = Fact(statement=text, basis=basis, evidence=evidence, confidence=confidence, attribution=attributed)
    _act(data, user, json, lambda cases, by: cases.share_fact(by, joint, said))


@app.command()
def task(
    data: DataOption,
    joint: JointArgument,
    user: UserOption,
    text: Annotated[str, typer.Option(help="What is asked; or what came of it.")],
    party: Annotated[str, typer.Option(help="Of whom it is asked, by name.")] = "",
    until: Annotated[
        datetime | None, typer.Option("--by", help="By which day.", formats=["%Y-%m-%d"])
    ] = None,
    done: Annotated[str, typer.Option(help="The task of this id was done.")] = "",
    declined: Annotated[str, typer.Option(help="The task of this id will not be done.")] = "",
    json: JsonOption = False,
) -> None:
    """Ask something of a party, or answer what was asked of this node."""
    if done or declined:
        _act(
            data,
            user,
            json,
            lambda cases, by: cases.do_task(by, joint, done or declined, text, done=bool(done)),
        )
        return
    day = moment(until)
    if not party or day is None:
        raise typer.BadParameter("name --party and --by, or --done or --declined with a task's id")
    _act(data, user, json, lambda cases, by: cases.give_task(by, joint, whose=party, what=text, until=day))


@app.command()
def propose(
    data: DataOption,
    joint: JointArgument,
    user: UserOption,
    title: Annotated[str, typer.Option(help="A few words.")],
    part: Annotated[
        list[str], typer.Option(help="NAME=measure[,measure]: what a party would do; may be repeated.")
    ],
    why: WhyOption,
    rests_on: Annotated[list[str] | None, typer.Option(help="A fact's id; may be repeated.")] = None,
    json: JsonOption = False,
) -> None:
    """Propose a disposition: for each party what it would do on its own platform."""
    from tocsin.kernel import BadInput
    from tocsin.kernel.joint_cases import Part

    parts = []
    for one in part:
        name, _, measures = one.partition("=")
        try:
            found = [Measure(measure) for measure in measures.split(",")]
        except ValueError:
            raise BadInput(f"a part is NAME=measure, a measure one of: {', '.join(Measure)}") from None
        parts.append(Part(party=name, measures=found))
    _act(
        data,
        user,
        json,
        lambda cases, by: cases.propose(
            by, joint, title=title, parts=parts, reason=why, facts=rests_on or ()
        ),
    )


@app.command()
def vote(
    data: DataOption,
    joint: JointArgument,
    proposal: Annotated[str, typer.Argument(help="The proposal's id.")],
    choice: Annotated[Choice, typer.Argument(help="yes, no or abstain.")],
    why: WhyOption,
    user: UserOption,
    json: JsonOption = False,
) -> None:
    """Vote on a proposal; a later vote takes its place until it is decided."""
    _act(data, user, json, lambda cases, by: cases.vote(by, joint, proposal, choice, why))


@app.command()
def decide(
    data: DataOption,
    joint: JointArgument,
    proposal: Annotated[str, typer.Argument(help="The proposal's id.")],
    outcome: Annotated[JointOutcome, typer.Argument(help="adopted or rejected.")],
    why: WhyOption,
    user: UserOption,
    json: JsonOption = False,
) -> None:
    """Say that it is decided, where the case's rule and the votes decide so. It is advice to each party."""
    _act(data, user, json, lambda cases, by: cases.decide(by, joint, proposal, outcome, why))


@app.command()
def leave(
    data: DataOption, joint: JointArgument, why: WhyOption, user: UserOption, json: JsonOption = False
) -> None:
    """Leave a joint case; what was said stays said."""
    _act(data, user, json, lambda cases, by: cases.leave(by, joint, why))


@app.command()
def close(
    data: DataOption, joint: JointArgument, why: WhyOption, user: UserOption, json: JsonOption = False
) -> None:
    """End a joint case that this node convened; what was not decided is shown as that."""
    _act(data, user, json, lambda cases, by: cases.close(by, joint, why))


@app.command()
def cite(
    data: DataOption,
    joint: JointArgument,
    proposal: Annotated[str, typer.Argument(help="The proposal's id.")],
    user: UserOption = "admin",
) -> None:
    """Write the sentence by which a decision of this node cites what was decided together."""
    with opened(data) as node:
        say(node.joint_cases.citation(node.access.operator(user), joint, proposal))


def _act(data: Path, user: str, json: bool, act: "Callable[[JointCases, Caller], JointState]") -> None:
    from tocsin.app.joint_case_views import joint_view

    with opened(data) as node:
        cases = node.joint_cases
        state = act(cases, node.access.operator(user))
        view = joint_view(state, cases.names(state))
    if json:
        show_json(view)
    else:
        typer.echo(f"Kept in {state.id}. It leaves with `tocsin share publish`.")


def _print(view: dict[str, Any]) -> None:
    rows = [
        ("purpose", view["purpose"]),
        ("conduct", view["category"]),
        ("decided by", f"{view['rule']}; convened by {view['convener']}, until {view['until']}"),
        ("state", view["digest"]),
    ]
    show_table(("", ""), rows, empty="")
    for one in view["members"]:
        doubt = "" if one["forked_at"] is None else f"; SAID TWO THINGS under number {one['forked_at']}"
        say(f"  {one['name']}: {one['standing']}{doubt}")
    for one in view["facts"]:
        state = "taken back" if one["withdrawn"] else f"{one['evidence']}, {one['confidence']} %"
        say(f"  fact of {one['name']} ({state}): {one['statement']}  [{one['id']}]")
    for one in view["tasks"]:
        answer = f"done: {one['done']}" if one["done"] else f"declined: {one['declined']}"
        open_task = one["done"] is None and one["declined"] is None
        say(f"  {one['whose_name']} was asked by {one['due'][:10]}: {one['what']}")
        say(f"    {'open' if open_task else answer}  [{one['id']}]")
    for one in view["proposals"]:
        _print_proposal(one)
    if view["closing"]:
        say(f"  closed by {view['closing']['name']}: {view['closing']['reason']}")
    for one in view["missing_messages"]:
        say(
            f"  missing: message {one['number']} of {one['name'] or 'the convener'}; pull again, or ask for it"
        )
    for one in view["refused"]:
        say(f"  refused: {one['kind']} of {one['name']}: {one['why']}")


def _print_proposal(one: dict[str, Any]) -> None:
    say(f"  proposal of {one['name']}: {one['title']}  [{one['id']}]")
    for part in one["parts"]:
        say(f"    {part['name']} would: {', '.join(part['measures'])}")
    for vote in one["votes"]:
        note = " (late)" if vote["late"] else "" if vote["counts"] else " (replaced)"
        say(f"    {vote['name']} votes {vote['choice']}{note}: {vote['reason']}")
    for made in one["decisions"]:
        stands = "" if made["stands"] else f" (does not stand: {made['why_not']})"
        known = ", ".join(made["known_to"]) or "nobody yet"
        say(f"    {made['outcome']} by {made['name']}{stands}: {made['reason']}; known to {known}")
