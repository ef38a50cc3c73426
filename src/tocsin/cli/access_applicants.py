"""tocsin access applicants: end users, and what was found of them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.callers import TokenOption, opened_by
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, show_table, when
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from tocsin.app.applicants import Shown
    from tocsin.kernel.applicants import Verification

app = typer.Typer(
    help="End users, verified by evidence: list, show, vet, renew, revoke, drop, approve, open, secret.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NumberArgument = Annotated[str, typer.Argument(help="The applicant's number or pseudonym.")]
PurposeOption = Annotated[str, typer.Option(help="A purpose of applicants.yaml.")]
DaysOption = Annotated[int, typer.Option(help="How long it counts; no longer than what it rests on.")]
PseudonymArgument = Annotated[str, typer.Argument(help="What a peer knows somebody by.")]
WhyOption = Annotated[str, typer.Option("--purpose", help="Why; the same words for everybody who says yes.")]


@app.command("list")
def list_applicants(
    data: DataOption,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 100,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Show applicants, newest first: what stands of each, and never who they are."""
    with opened_by(data, token) as (node, by):
        found = node.applicants.listed(by, limit=limit)
        now = node.applicants.now()
    rows = [_row(one, now) for one in found]
    if json:
        show_json({"applicants": rows})
        return
    show_table(
        ("number", "made", "level", "vetted for", "standing"),
        (
            (row["number"], row["made"], row["level"], ", ".join(row["purposes"]), row["standing"])
            for row in rows
        ),
        empty="Nobody applied: set `applicants = true` and write applicants.yaml (docs/end-users.md).",
    )


@app.command()
def show(data: DataOption, number: NumberArgument, token: TokenOption = "", json: JsonOption = False) -> None:
    """Show one applicant: results, their ends and digests, and the cases about them."""
    with opened_by(data, token) as (node, by):
        shown = node.applicants.show(by, number)
        reviews = node.applicants.cases_of(by, shown.applicant.subject)
        now = node.applicants.now()
    row = _row(shown, now) | {
        "subject": shown.applicant.subject,
        "consents": list(shown.applicant.consents),
        "results": [_result(one) for one in shown.results],
        "cases": [{"case": one.case, "purpose": one.purpose, "at": when(one.at)} for one in reviews],
    }
    if json:
        show_json(row)
        return
    say(f"{row['number']}  {row['subject']}")
    say(
        f"level {row['level']}, standing {row['standing']}, vetted for {', '.join(row['purposes']) or 'nothing'}"
    )
    show_table(
        ("level", "by", "purpose", "from", "until", "ended", "evidence"),
        (
            (
                one["level"],
                one["method"],
                one["purpose"],
                one["at"],
                one["until"],
                one["ended"],
                one["evidence"][:19],
            )
            for one in row["results"]
        ),
        empty="Nothing was shown yet.",
    )
    for one in row["cases"]:
        say(f"case {one['case']}: {one['purpose'] or 'access in question'}")


@app.command()
def vet(
    data: DataOption,
    number: NumberArgument,
    purpose: PurposeOption,
    days: DaysOption = 180,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Vet somebody for a purpose, on a case of theirs that was decided in their favour."""
    with opened_by(data, token) as (node, by):
        found = node.applicant_reviews.vet(by, number, purpose, days=days)
    _told(found, json)


@app.command()
def renew(
    data: DataOption,
    number: NumberArgument,
    purpose: PurposeOption,
    days: DaysOption = 180,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Vet somebody again who is vetted for it, on what is in force now."""
    with opened_by(data, token) as (node, by):
        found = node.applicant_reviews.renew(by, number, purpose, days=days)
    _told(found, json)


@app.command()
def revoke(
    data: DataOption,
    number: NumberArgument,
    reason: Annotated[str, typer.Option(help="Why; they read it, and may object.")],
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Suspend somebody's access at once, and open the case that decides it."""
    with opened_by(data, token) as (node, by):
        review = node.applicant_reviews.question(by, number, reason)
    if json:
        show_json({"case": review.case, "report": review.report})
        return
    say(f"Suspended. Case {review.case} decides: `tocsin case claim {review.case}`.")


@app.command()
def drop(
    data: DataOption,
    issuer: Annotated[str, typer.Argument(help="Its `iss`, as applicants.yaml had it.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit.")],
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """End every result that an issuer vouched for, and what rests on them."""
    with opened_by(data, token) as (node, by):
        ended = node.applicants.drop(by, issuer, reason)
    if json:
        show_json({"ended": ended})
        return
    say(f"{ended} results ended.")


@app.command()
def approve(
    data: DataOption,
    pseudonym: PseudonymArgument,
    purpose: WhyOption,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Say yes to the opening of a pseudonym, for a stated purpose."""
    with opened_by(data, token) as (node, by):
        have = node.applicant_passes.approve(by, pseudonym, purpose)
    if json:
        show_json({"approved": have})
        return
    say(f"{have} said yes; two are needed.")


@app.command("open")
def open_pseudonym(
    data: DataOption,
    pseudonym: PseudonymArgument,
    purpose: WhyOption,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Say whose a pseudonym is, once two people said yes. This is audited."""
    with opened_by(data, token) as (node, by):
        found = node.applicant_passes.open(by, pseudonym, purpose)
    if json:
        show_json({"number": found.number, "subject": found.subject})
        return
    say(f"{found.number}  {found.subject}")


@app.command("secret")
def keep_secret(
    data: DataOption,
    provider: Annotated[str, typer.Argument(help="A provider of applicants.yaml, by its name.")],
    clear: Annotated[bool, typer.Option("--clear", help="Forget it: this node is a public client.")] = False,
) -> None:
    """Keep the client secret that a provider of applicants.yaml gave: it is asked for, never given as an argument."""
    with opened(data) as node:
        if node.applicants.sources.provider(provider) is None:
            raise BadInput("applicants.yaml names no provider like this: docs/end-users.md shows one")
        text = None if clear else typer.prompt("Client secret", hide_input=True).strip()
        node.keys.keep_client_secret(text or None, provider)
        node.access.audit(node.access.operator().user, "oidc.secret", subject=provider, purpose="")
        back = node.applicant_logins.back
    say("The client secret is forgotten." if clear else "The client secret is kept. Start the node again.")
    say(f"The provider must know this address (redirect_uri): {back}")


def _row(shown: "Shown", now: int) -> dict[str, Any]:
    return {
        "number": shown.applicant.number,
        "made": when(shown.applicant.made),
        "level": shown.subject.level(now).value,
        "purposes": sorted(shown.subject.purposes(now)),
        "standing": shown.subject.standing.value,
    }


def _result(one: "Verification") -> dict[str, Any]:
    return {
        "id": one.id,
        "level": one.level.value,
        "method": one.method.value,
        "purpose": one.purpose,
        "at": when(one.at),
        "until": when(one.until),
        "ended": f"{when(one.ended)} {one.why_ended.value if one.why_ended else ''}" if one.ended else "",
        "evidence": one.evidence,
    }


def _told(result: "Verification", json: bool) -> None:
    if json:
        show_json(_result(result))
        return
    say(f"Vetted for {result.purpose} until {when(result.until)}.")
