"""tocsin redline: measurable lines agreed beforehand, who stands for each, who does not, and why."""

from datetime import datetime
from typing import Annotated, Any

import typer

from tocsin.cli.callers import SpeakerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, show_table
from tocsin.kernel.red_lines import Stance

app = typer.Typer(
    help="Red lines: propose, endorse, object, list.", no_args_is_help=True, rich_markup_mode=None
)

LineArgument = Annotated[str, typer.Argument(help="The line's id.")]
WhyOption = Annotated[str, typer.Option(help="The reason, in your words; peers who have the line read it.")]


@app.command()
def propose(
    data: DataOption,
    title: Annotated[str, typer.Option(help="A few words.")],
    text: Annotated[str, typer.Option(help="What no model that goes out may do.")],
    subject: Annotated[
        str,
        typer.Option(help="capability, human-control, nuclear-command, oversight-evasion, self-replication."),
    ],
    domain: Annotated[str, typer.Option(help="Harm domain, for example domain.cyber.")],
    condition: Annotated[str, typer.Option(help="as-shipped, safeguards-removed or fine-tuned.")],
    method: Annotated[str, typer.Option(help="benchmark, agentic-task, output-policy-test, novice-trial...")],
    protocol: Annotated[
        str, typer.Option(help="sha256:... of the registered plan or test set that measures it.")
    ],
    threshold: Annotated[float, typer.Option(help="Share of failures from which it is crossed.")],
    evidence: Annotated[str, typer.Option(help="What must be shown for it to count as clear.")],
    basis: Annotated[str, typer.Option(help="On what ground; peers read it.")],
    in_force: Annotated[datetime, typer.Option(help="The day from which it holds.", formats=["%Y-%m-%d"])],
    review_by: Annotated[
        datetime, typer.Option(help="The day by which it is looked at again.", formats=["%Y-%m-%d"])
    ],
    measure: Annotated[
        str, typer.Option(help="task-success, compliance or detection-bypass.")
    ] = "compliance",
    scope: Annotated[str, typer.Option(help="bilateral, group or open.")] = "open",
    party: Annotated[
        list[str] | None, typer.Option(help="A peer that is asked to sign; may be repeated.")
    ] = None,
    supersedes: Annotated[str, typer.Option(help="The id of a line that this one tightens.")] = "",
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Propose a line, and endorse it. It leaves through `tocsin share publish`."""
    from datetime import UTC

    from tocsin.kernel import micros
    from tocsin.kernel.red_lines import RedLine

    line = RedLine(
        id="",
        title=title,
        text=text,
        subject=subject,
        domain=domain,
        condition=condition,
        method=method,
        protocol=protocol,
        threshold=threshold,
        evidence=evidence,
        by="",
        at=0,
        in_force=micros(in_force.replace(tzinfo=UTC)),
        review_by=micros(review_by.replace(tzinfo=UTC)),
        scope=scope,
        supersedes=supersedes,
        measure=measure,
        basis=basis,
    )
    with opened(data) as node:
        made = node.red_lines.propose(node.access.operator(user), line, parties=party or ())
    if json:
        show_json({"id": made.id, "tlp": made.tlp.value})
    else:
        typer.echo(f"Proposed as {made.id}. Next: tocsin share preview --peer NAME")


@app.command()
def endorse(
    data: DataOption,
    line: LineArgument,
    why: WhyOption,
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Stand for a line: from its day on it binds this node."""
    _say(data, line, Stance.ENDORSE, why, user, json)


@app.command("object")
def object_to(
    data: DataOption,
    line: LineArgument,
    why: WhyOption,
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Object to a line, and say what you would sign instead."""
    _say(data, line, Stance.OBJECT, why, user, json)


@app.command()
def withdraw(
    data: DataOption,
    line: LineArgument,
    why: WhyOption,
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Take this node's own word on a line back; that it was given stays to be seen."""
    _say(data, line, Stance.WITHDRAW, why, user, json)


@app.command("list")
def list_lines(data: DataOption, user: SpeakerOption = "admin", json: JsonOption = False) -> None:
    """Show the base and every line known here, with how many stand for it and against it."""
    with opened(data) as node:
        from tocsin.app.red_line_views import red_line_view

        rows = [red_line_view(one) for one in node.red_lines.listed(node.access.operator(user))]
    if json:
        show_json({"red_lines": rows})
        return
    show_table(
        ("title", "crossed", "for", "against", "binds here", "review by", "from", "id"),
        (
            (
                row["title"][:48],
                _threshold(row),
                _count(row["for"]),
                _count(row["against"]),
                "yes" if row["binds"] else "no",
                row["review_by"] + (" OVERDUE" if row["overdue"] else ""),
                "base" if row["base"] else row["author"],
                row["id"],
            )
            for row in rows
        ),
        empty="",
    )


@app.command()
def show(
    data: DataOption, line: LineArgument, user: SpeakerOption = "admin", json: JsonOption = False
) -> None:
    """Show a line: its criterion, the evidence it needs, who signed, who objects and why."""
    with opened(data) as node:
        from tocsin.app.red_line_views import red_line_view

        view = red_line_view(node.red_lines.show(node.access.operator(user), line))
    if json:
        show_json(view)
        return
    rows = [
        ("title", view["title"]),
        ("line", view["text"]),
        ("crossed", _threshold(view)),
        ("measure", f"{view['measure']}, {view['method']}, {view['domain']}, {view['condition']}"),
        ("test", view["protocol"] or "none that people agree on: counts as not measured"),
        ("evidence needed", view["evidence_needed"]),
        ("ground", view["basis"]),
        ("from", "the base" if view["base"] else view["author"]),
        ("in force", f"{view['in_force']}, review by {view['review_by']}"),
        ("scope", view["scope"]),
        ("binds here", "yes" if view["binds"] else "no"),
    ]
    show_table(("", ""), rows, empty="")
    for title, words in (("for", view["for"]), ("against", view["against"]), ("withdrew", view["withdrew"])):
        for word in words:
            doubt = "" if word["counts"] else " (no trusted peer: does not count)"
            say(f"  {title}: {word['name']}{doubt}: {word['reason']}")
    for one in view["asked"]:
        if not one["spoke"]:
            say(f"  asked, and silent: {one['name'] or one['key']}")


@app.command()
def reports(
    data: DataOption,
    model: Annotated[str, typer.Option(help="Only of this model: sha256:...")] = "",
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show what was said of models, by this node and by peers: evaluations and decisions, each as its author's."""
    with opened(data) as node:
        from tocsin.app.red_line_views import heard_view

        found = node.model_records.heard(node.access.operator(user), model=model)
        rows = [heard_view(one) for one in found]
    if json:
        show_json({"reports": rows})
        return
    show_table(
        ("kind", "says", "model", "review by", "of", "id"),
        (
            (
                row["kind"],
                row["summary"],
                row["model"][:19],
                row["review_by"][:10] + (" LAPSED" if row["lapsed"] else ""),
                row["author"] + ("" if row["signed"] else " (unsigned)"),
                row["id"],
            )
            for row in rows
        ),
        empty="Nobody has said anything of a model.",
    )


def _say(data: Any, line: str, stance: Stance, why: str, user: str, json: bool) -> None:
    with opened(data) as node:
        made = node.red_lines.say(node.access.operator(user), line, stance, why)
    if json:
        show_json({"id": made.id, "red_line": line, "stance": stance.value})
    else:
        typer.echo(f"Kept as {made.id}. It leaves with `tocsin share publish`.")


def _threshold(row: dict[str, Any]) -> str:
    if not row["measurable"]:
        return "not measurable yet"
    return f"{row['crossed_when'].replace('-', ' ')} {row['threshold']:.1%}"


def _count(words: list[dict[str, Any]]) -> str:
    counted = sum(word["counts"] for word in words)
    return f"{counted}" + (f" (+{len(words) - counted})" if len(words) > counted else "")
