"""tocsin label: provenance labels of content, written and read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tocsin.cli.label_recognise import recognise
from tocsin.cli.model_sign import PASSWORD
from tocsin.cli.opening import JsonOption, opened
from tocsin.cli.output import complain, say, show_json
from tocsin.kernel import BadInput, NotAllowed, TocsinError
from tocsin.kernel.labels import Certainty, ContentLabel, LabelReport, Scheme, Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.label.carrying import Ask, Tongue
    from tocsin.label.looking import Judged
    from tocsin.label.writing import Written

app = typer.Typer(
    help="Labels of content: written in one pass, verified scheme by scheme.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FilesArgument = Annotated[
    list[Path], typer.Argument(help="Texts, Markdown, HTML, pictures, sound, film, papers.")
]
NodeOption = Annotated[Path | None, typer.Option("--data", help="The node's folder.", envvar="TOCSIN_DATA")]
LABELLED = ".labelled"


@app.command()
def write(
    files: FilesArgument,
    scheme: Annotated[str, typer.Option(help="Of gb45438, c2pa, iptc; with commas.")] = "gb45438,c2pa,iptc",
    producer: Annotated[
        str, typer.Option(help="Who made it, by name or code; the node's name otherwise.")
    ] = "",
    content_id: Annotated[
        str, typer.Option("--id", help="The producer's number of it; one drawn at random otherwise.")
    ] = "",
    certainty: Annotated[str, typer.Option(help="confirmed, possible or suspected.")] = "confirmed",
    propagator: Annotated[str, typer.Option(help="Who passes it on, where somebody else made it.")] = "",
    propagation_id: Annotated[str, typer.Option(help="The propagator's number of it.")] = "",
    notice: Annotated[
        str, typer.Option(help="Language of the visible notice: zh, en, both or none.")
    ] = "both",
    metadata: Annotated[bool, typer.Option(help="Write the fields and the manifest.")] = True,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder for the labelled files; NAME.labelled.EXT beside each otherwise."),
    ] = None,
    key: Annotated[
        str,
        typer.Option(
            "--key",
            help=f"An ECDSA key on P-256: a file in PEM, or pkcs11:... Its password or PIN: {PASSWORD}.",
        ),
    ] = "",
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="The key's certificate and its issuers, in PEM.")
    ] = None,
    data: NodeOption = None,
    json: JsonOption = False,
) -> None:
    """Label files: notice, metadata, manifest, in this order. The file given stays as it is; exit 1 if one failed."""
    if content_id and len(files) > 1:
        raise BadInput("--id numbers one content: label several files without it")
    if notice not in ("zh", "en", "both", "none"):
        raise BadInput("--notice is zh, en, both or none")
    if notice == "none" and not metadata:
        raise BadInput("there is nothing to write: without a notice and without metadata no label is left")
    schemes = _schemes(scheme)
    done: list[dict[str, Any]] = []
    with _writer(data, key, certificate) as (labelled, name):
        if not (producer or name):
            raise BadInput("say who made it: --producer NAME, or --data DIR for this node's name")
        for file in files:
            label = ContentLabel(
                producer or name,
                content_id or _drawn(),
                _certainty(certainty),
                propagator,
                propagation_id,
            )
            target = (out / file.name) if out else file.with_name(f"{file.stem}{LABELLED}{file.suffix}")
            done.append(_one(labelled, file, target, _ask(label, schemes, notice, metadata=metadata)))
    failed = [one for one in done if "error" in one]
    if json:
        show_json({"files": done, "failed": len(failed)})
    else:
        _tell_written(done)
    if failed:
        raise typer.Exit(1)


@app.command()
def verify(
    files: FilesArgument,
    trust: Annotated[
        Path | None,
        typer.Option("--trust", help="Certificates in PEM that are believed, besides the node's."),
    ] = None,
    data: NodeOption = None,
    json: JsonOption = False,
) -> None:
    """Read labels: valid, valid-untrusted, broken, stripped or none-found, by scheme; exit 1 unless all hold one."""
    reports: list[tuple[Path, LabelReport | str]] = []
    with _judged(files, data, trust) as judged:
        reports += [(one.file, one.report or one.message) for one in judged]
    if json:
        show_json({"files": [_document(file, report) for file, report in reports]})
    else:
        for file, report in reports:
            _tell(file, report)
    if not all(isinstance(report, LabelReport) and _holds(report) for _, report in reports):
        raise typer.Exit(1)


@app.command()
def key(
    data: Annotated[Path, typer.Option("--data", help="The node's folder.", envvar="TOCSIN_DATA")],
    renew: Annotated[
        bool, typer.Option("--renew", help="Make the next key, vouched for as this one.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show the certificate that others take as an anchor for this node's labels; make or renew its key."""
    with opened(data) as node:
        found = node.content_labels.key(node.access.operator(), renew=renew)
    if json:
        show_json({"authority": found.authority, "until": found.until})
        return
    typer.echo(f"Labels are signed with a key that counts until {found.until:%Y-%m-%d}.")
    typer.echo("Whoever verifies takes this certificate as an anchor (`--trust`, or DIR/label-anchors.pem):")
    typer.echo(found.authority.strip())


@contextmanager
def _judged(files: list[Path], data: Path | None, trust: Path | None) -> "Iterator[Iterator[Judged]]":
    """The files judged apart, by whom the node and the caller believe; without a node by the caller alone."""
    if data is not None:
        with opened(data) as node:
            yield node.content_labels.verify_each(node.access.operator(), files, trust)
        return
    from tocsin.app.label_key import believed
    from tocsin.kernel import system_clock
    from tocsin.label.apart import Apart
    from tocsin.label.looking import judged

    with Apart() as apart:
        yield judged(apart, files, believed(None, trust).pem, system_clock())


app.command("recognise")(recognise)


@contextmanager
def _writer(
    data: Path | None, key: str, certificate: Path | None
) -> "Iterator[tuple[Callable[[Path, Path, Ask], Written], str]]":
    """What labels with the key that was named, or with the node's; and the node's name."""
    if not key and data is not None:
        with opened(data) as node:
            by = node.access.operator()

            def with_node(source: Path, target: Path, ask: "Ask") -> "Written":
                return node.content_labels.write(by, source, target, ask)

            yield with_node, node.content_labels.name
        return
    from tocsin.app.label_key import chosen_key
    from tocsin.kernel import system_clock
    from tocsin.label.writing import write as label

    if key and certificate is None:
        raise BadInput(
            "a key comes with its certificate: --certificate FILE, or --data DIR for this node's key"
        )
    with (
        chosen_key(key, certificate, os.environ.get(PASSWORD))
        if key and certificate
        else nullcontext() as held
    ):

        def with_key(source: Path, target: Path, ask: "Ask") -> "Written":
            return label(source, target, ask, held, system_clock())

        yield with_key, ""


def _one(
    labelled: "Callable[[Path, Path, Ask], Written]", file: Path, target: Path, ask: "Ask"
) -> dict[str, Any]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        written = labelled(file, target, ask)
    except NotAllowed:
        raise
    except TocsinError as error:
        return {"file": str(file), "error": error.message}
    except OSError as error:
        return {"file": str(file), "error": f"{target.parent} cannot be made: {error.strerror}"}
    return {
        "file": str(file),
        "out": str(target),
        "id": ask.label.content_id,
        "format": written.format,
        "schemes": written.schemes,
        "left_out": written.left_out,
        "sha256": written.report.sha256,
    }


def _ask(label: ContentLabel, schemes: frozenset[Scheme], notice: str, *, metadata: bool) -> "Ask":
    from tocsin.label.carrying import Ask

    tongue = "both" if notice == "none" else notice
    return Ask(label, schemes, explicit=notice != "none", implicit=metadata, tongue=cast("Tongue", tongue))


def _schemes(given: str) -> frozenset[Scheme]:
    try:
        return frozenset(Scheme(one.strip()) for one in given.split(","))
    except ValueError:
        raise BadInput(f"--scheme is one or more of {', '.join(Scheme)}, with commas") from None


def _certainty(given: str) -> Certainty:
    try:
        return Certainty(given)
    except ValueError:
        raise BadInput(f"--certainty is one of {', '.join(Certainty)}") from None


def _drawn() -> str:
    import uuid

    return str(uuid.uuid4())


def _holds(report: LabelReport) -> bool:
    """A label is there, and none is broken or stripped."""
    found = {finding.standing for finding in report.findings}
    held = bool(found & {Standing.VALID, Standing.VALID_UNTRUSTED})
    return held and not found & {Standing.BROKEN, Standing.STRIPPED}


def _document(file: Path, report: LabelReport | str) -> dict[str, Any]:
    from msgspec import to_builtins

    if isinstance(report, str):
        return {"file": str(file), "error": report}
    return {"file": str(file), **cast("dict[str, Any]", to_builtins(report))}


def _tell_written(done: list[dict[str, Any]]) -> None:
    for one in done:
        if "error" in one:
            complain(f"{one['file']}: {one['error']}")
            continue
        without = f" (no place for {', '.join(one['left_out'])})" if one["left_out"] else ""
        say(f"{one['out']}: {', '.join(one['schemes'])}{without}")


def _tell(file: Path, report: LabelReport | str) -> None:
    if isinstance(report, str):
        complain(f"{file}: {report}")
        return
    say(f"{file} ({report.format})")
    for finding in report.findings:
        why = f" ({', '.join(finding.reasons)})" if finding.reasons else ""
        who = f" by {finding.said.producer}" if finding.said and finding.said.producer else ""
        signed = f", signed: {finding.signer}" if finding.signer else ""
        say(f"  {finding.scheme:8} {finding.standing}{why}{who}{signed}")
    if all(finding.standing is Standing.NONE_FOUND for finding in report.findings):
        say("  No label was found. That says nothing of how it was made.")
    if report.notes:
        say(f"  noted: {', '.join(report.notes)}")
