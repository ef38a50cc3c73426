"""tocsin taxonomy: the shared words, how others say them, and where regimes disagree. Needs no node."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.opening import JsonOption
from tocsin.cli.output import show_json, show_table
from tocsin.kernel import BadInput, Unavailable

app = typer.Typer(
    help="The shared words for misuse, and how other vocabularies say them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

LanguageOption = Annotated[str, typer.Option("--lang", help="Language of labels: en or zh.")]


@app.command()
def show(
    concept: Annotated[str | None, typer.Argument(help="One id; without it, all.", metavar="ID")] = None,
    lang: LanguageOption = "en",
    json: JsonOption = False,
) -> None:
    """Show the vocabulary, or one concept with all that is known of it."""
    from tocsin.taxonomy.browse import concept_view, page_view
    from tocsin.taxonomy.vocabulary import vocabulary

    if concept is not None:
        view = concept_view(vocabulary().concept(concept), lang)
        if json:
            show_json(view)
        else:
            _show_concept(view)
        return
    page = page_view(lang)
    if json:
        show_json(page)
        return
    typer.echo(f"Vocabulary {page['version']} of {page['released']}")
    rows = [
        (facet["label"], entry["id"], entry["label"], entry["means"])
        for facet in page["facets"]
        for entry in facet["concepts"]
    ]
    show_table(("facet", "id", "label", "meaning"), rows, empty="No concepts.")


@app.command("map")
def show_map(
    concept: Annotated[str | None, typer.Argument(help="One id of ours.", metavar="ID")] = None,
    scheme: Annotated[str | None, typer.Option("--scheme", help="One scheme.")] = None,
    lang: LanguageOption = "en",
    json: JsonOption = False,
) -> None:
    """Show how other schemes say a concept, or a whole scheme; without either, the schemes."""
    from tocsin.taxonomy.browse import concept_view, scheme_matches_view, scheme_view
    from tocsin.taxonomy.crosswalks import scheme as named
    from tocsin.taxonomy.crosswalks import schemes
    from tocsin.taxonomy.vocabulary import vocabulary

    if concept is None and scheme is None:
        views = [scheme_view(entry, lang) for entry in schemes()]
        if json:
            show_json({"schemes": views})
        else:
            _show_schemes(views)
        return
    if concept is None:
        view = scheme_matches_view(named(str(scheme)), lang)
        if json:
            show_json(view)
        else:
            _show_scheme(view)
        return
    view = concept_view(vocabulary().concept(concept), lang)
    if scheme is not None:
        only = named(scheme).id
        for part in ("matches", "gaps"):
            view[part] = [row for row in view[part] if row["scheme"] == only]
    if json:
        show_json({key: view[key] for key in ("id", "label", "matches", "gaps")})
    else:
        _show_matches(view["matches"])
        _show_gaps(view["gaps"])


@app.command()
def export(
    form: Annotated[str, typer.Option("--format", help="stix, misp, csv or skos.")],
    out: Annotated[Path | None, typer.Option("--out", help="A file; without it, standard output.")] = None,
    lang: LanguageOption = "en",
    json: JsonOption = False,
) -> None:
    """Write the vocabulary and its crosswalks in a format that other tools read."""
    import hashlib
    import sys

    from tocsin.app.taxonomy_export import exported

    if json and out is None:
        raise BadInput(
            "the export itself goes to standard output; add --out FILE to get a JSON receipt of it"
        )
    data = exported(form, lang)
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    _write(out, data)
    receipt = {
        "format": form,
        "out": str(out),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    if json:
        show_json(receipt)
    else:
        typer.echo(f"{out}: {len(data):,} bytes, sha256 {receipt['sha256']}")


@app.command()
def disagree(
    first: Annotated[str, typer.Argument(help="A scheme.", metavar="SCHEME_A")],
    second: Annotated[str, typer.Argument(help="Another.", metavar="SCHEME_B")],
    lang: LanguageOption = "en",
    json: JsonOption = False,
) -> None:
    """Show where two schemes disagree: what only one covers, and what they cover differently."""
    from tocsin.taxonomy.browse import disagreement_view
    from tocsin.taxonomy.crosswalks import scheme

    view = disagreement_view(scheme(first), scheme(second), lang)
    if json:
        show_json(view)
        return
    rows = [
        (row["ours"], row["label"], _side(row["first"]), _side(row["second"]), row["why"])
        for row in view["differences"]
    ]
    show_table(
        ("id", "label", first, second, "why not"), rows, empty="They do not differ on any of our concepts."
    )
    for lump in view["lumped"]:
        typer.echo(
            f"{lump['scheme']} has under one term, {lump['theirs']} {lump['name']}: {', '.join(lump['ours'])}"
        )
    typer.echo(f"Alike on {len(view['same'])} of our concepts; both are silent on {len(view['neither'])}.")
    unverified = view["first"]["unverified"] + view["second"]["unverified"]
    if unverified:
        typer.echo(f"Marked (?): unverified; {unverified} mappings of the two schemes are.")


def _side(matches: list[dict[str, Any]]) -> str:
    return "; ".join(f"{row['relation']} {_named(row)}" for row in matches) or "-"


def _named(row: dict[str, Any]) -> str:
    name = row["theirs"] if row["theirs"] == row["name"] else f"{row['theirs']} {row['name']}"
    return name if row["verified"] else f"{name} (?)"


def _show_concept(view: dict[str, Any]) -> None:
    typer.echo(f"{view['id']}  {view['labels']['en']} / {view['labels']['zh']}")
    typer.echo(view["means"])
    for name in ("broader", "narrower", "related"):
        if view[name]:
            typer.echo(f"{name}: {', '.join(view[name])}")
    if view["conduct"]:
        typer.echo("A warning may name it as its category.")
    _show_matches(view["matches"])
    _show_gaps(view["gaps"])


def _show_matches(matches: list[dict[str, Any]]) -> None:
    rows = [
        (row["scheme"], row["relation"], _named(row), "yes" if row["verified"] else "NO", row["note"])
        for row in matches
    ]
    show_table(
        ("scheme", "relation", "theirs", "verified", "note"), rows, empty="No scheme has a counterpart."
    )


def _show_gaps(gaps: list[dict[str, Any]]) -> None:
    if gaps:
        rows = [(row["scheme"], row["why"]) for row in gaps]
        show_table(("no counterpart in", "why"), rows, empty="")


def _show_schemes(views: list[dict[str, Any]]) -> None:
    rows = [
        (v["id"], v["name"], v["version"], v["mappings"], v["verified"], v["unverified"], v["gaps"])
        for v in views
    ]
    columns = ("id", "scheme", "version", "mappings", "verified", "unverified", "gaps")
    show_table(columns, rows, empty="No schemes.")


def _show_scheme(view: dict[str, Any]) -> None:
    typer.echo(f"{view['id']}  {view['name']}")
    typer.echo(f"Source: {view['source']}")
    typer.echo(f"Scope: {view['scope']}")
    typer.echo(f"Checked against: {view['checked']}")
    typer.echo(f"{view['mappings']} mappings, {view['unverified']} of them unverified; {view['gaps']} gaps.")
    rows = [
        (row["ours"], row["relation"], _named(row), "yes" if row["verified"] else "NO", row["note"])
        for row in view["matches"]
    ]
    show_table(("ours", "relation", "theirs", "verified", "note"), rows, empty="No mappings.")
    for gap in view["gaps_by_reason"]:
        typer.echo(f"Gap: {', '.join(gap['ours'])}: {gap['why']}")
    for term in view["terms_without_ours"]:
        typer.echo(f"Theirs alone: {term['theirs']} {term['name']}")


def _write(out: Path, data: bytes) -> None:
    try:
        out.write_bytes(data)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise BadInput(f"{out} cannot be written: name a file in a folder that exists") from error
    except OSError as error:
        raise Unavailable(f"{out} cannot be written: {error.strerror}") from error
