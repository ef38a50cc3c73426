"""tocsin policy: the rules of what may leave and who may act; asked, tested, explained."""

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import complain, show_json, show_table
from tocsin.cli.share import PURPOSE, PeerOption, PurposeOption

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.share import Explanation, Spoke

app = typer.Typer(
    help="The rules of what may leave and who may act.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_rules(data: DataOption, json: JsonOption = False) -> None:
    """Show every policy, the packaged ones and those in DATA/policies."""
    with opened(data) as node:
        from tocsin.app.extensions import release_policies_of

        releases = release_policies_of(data)
        rules = (*node.policies.described, *releases.described)
        digest = node.policies.digest
    if json:
        show_json({"digest": digest, "releases_digest": releases.digest, "policies": rules})
        return
    show_table(
        ("id", "effect", "file", "says"),
        (
            (rule.id, "asks for two people" if rule.two_person else rule.effect, rule.file, rule.says)
            for rule in rules
        ),
        empty="There is no policy.",
    )
    typer.echo(f"Policies {digest}\nReleases {releases.digest}")


@app.command("test")
def ask(data: DataOption, json: JsonOption = False) -> None:
    """Ask the policies the tests that ship beside them, and yours. Exit 1 when an answer is another."""
    with opened(data) as node:
        from tocsin.app.extensions import policy_tests_of, release_policies_of, release_tests_of
        from tocsin.trust.policy_tests import Outcome, run_tests
        from tocsin.trust.release_tests import ReleaseOutcome, run_release_tests

        outcomes: tuple[Outcome | ReleaseOutcome, ...] = (
            *run_tests(node.policies, policy_tests_of(data)),
            *run_release_tests(release_policies_of(data), release_tests_of(data)),
        )
    failed = [one for one in outcomes if one.failed]
    if json:
        show_json({"tests": len(outcomes), "failed": failed})
    else:
        for one in failed:
            complain(
                f"{one.test.file}: {one.test.name}: {one.failed} ({' '.join(one.rules)})",
            )
        typer.echo(f"{len(outcomes)} tests, {len(failed)} failed.")
    if failed:
        raise typer.Exit(1)


@app.command()
def check(data: DataOption, json: JsonOption = False) -> None:
    """Say where rules of access refuse to everybody what a release decision leaves. Exit 1 when any does."""
    with opened(data) as node:
        node.admission_rules.files()
        found = node.admission_rules.contradictions(node.clock().date().isoformat())
    if json:
        show_json({"contradictions": found})
    else:
        for one in found:
            complain(one)
        typer.echo(f"{len(found)} contradictions. Where rules contradict each other, forbid wins.")
    if found:
        raise typer.Exit(1)


@app.command()
def explain(
    data: DataOption,
    record: Annotated[str, typer.Argument(help="The STIX id of a record of this node.")],
    peer: PeerOption,
    purpose: PurposeOption = PURPOSE,
    json: JsonOption = False,
) -> None:
    """Say of one record why it would go to a peer or not: each rule, and each field. Exit 1 when it would not."""
    with opened(data) as node:
        found = node.exchange.publishing.explain(node.access.operator(), record, peer, purpose)
    goes = found.entry is not None and found.entry.verdict.value == "release"
    if json:
        show_json({"releases": goes, **{name: getattr(found, name) for name in found.__struct_fields__}})
    else:
        _tell(found, goes)
    if not goes:
        raise typer.Exit(1)


def _tell(found: "Explanation", goes: bool) -> None:
    typer.echo(f"{found.record}\n  to {found.peer} for {found.purpose}: {'goes' if goes else 'stays here'}\n")
    show_table(
        ("rule", "", "why"),
        ((one.rule.id, _word(one), one.rule.says if one.applies else "") for one in found.spoke),
        empty="There is no policy on sharing.",
    )
    if found.entry is None:
        typer.echo(f"\nIt is not among what would go now: {found.why}.")
        return
    typer.echo(f"\nDecided by {found.entry.rule}")
    for name, fate in found.entry.fields.items():
        typer.echo(f"  {name}: {fate}")


def _word(spoke: "Spoke") -> str:
    if not spoke.applies:
        return "-"
    return "asks for two people" if spoke.rule.two_person else f"{spoke.rule.effect}s"
