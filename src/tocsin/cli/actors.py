"""tocsin watch actors: what ties the accounts under one warning."""

from typing import Annotated, Any

import typer

from tocsin.cli.callers import LookerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json

SHORT = 11
"""Of a pseudonym: enough to tell the accounts of one look apart."""


def actors(
    data: DataOption,
    warning: Annotated[str, typer.Option(help="The warning's id.")],
    purpose: Annotated[str, typer.Option(help="What the look is for; it goes into the audit trail.")],
    user: LookerOption = "admin",
    language: Annotated[str, typer.Option("--lang", help="Language of the sentences.")] = "en",
    json: JsonOption = False,
) -> None:
    """Show what ties the accounts under a warning, for a stated purpose; nothing follows from it by itself."""
    with opened(data) as node:
        from tocsin.app.actor_views import look_view

        look = node.actors.look(node.access.operator(user), warning, purpose)
        view = look_view(look, language)
    if json:
        show_json(view)
        return
    typer.echo(f"{view['accounts']} accounts, {view['alone']} of them tied to no other.")
    for cluster in view["clusters"]:
        _show(cluster)
    if view["people"] is not None:
        typer.echo("\nThe accounts that are tied to no other:")
        _profile(view["people"])


def _show(cluster: dict[str, Any]) -> None:
    names = [
        f"{one['actor'][:SHORT]}{'' if one['in_warning'] else ' (outside)'}" for one in cluster["accounts"]
    ]
    typer.echo(f"\nCLUSTER  {len(names)} accounts in {cluster['parts']} parts")
    typer.echo("  " + ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else ""))
    _profile(cluster["profile"])


def _profile(profile: dict[str, Any]) -> None:
    leaning = "; a harmless reading is likelier" if profile["harmless_likelier"] else ""
    typer.echo(f"  {profile['form']}  {profile['confidence']} of 100{leaning}")
    for said in profile["evidence"]:
        typer.echo(f"  - {said}")
    typer.echo("  What else it may be:")
    for one in profile["alternatives"]:
        typer.echo(f"    - {one['form'] or one['explanation']}, {one['confidence']}: {one['would_decide']}")
    typer.echo("  What would refute it:")
    for said in profile["refutations"]:
        typer.echo(f"    - {said}")
    typer.echo(f"  {profile['way_in']}")
