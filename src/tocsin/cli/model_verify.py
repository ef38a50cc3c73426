"""tocsin model verify: have those who must sign an artefact signed exactly these bytes?"""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.model_sign import PathArgument
from tocsin.cli.opening import JsonOption
from tocsin.cli.output import show_json
from tocsin.kernel import BadInput

SignatureOption = Annotated[
    list[Path] | None,
    typer.Option("--signature", help="May be repeated; PATH/model.sig or PATH.sig otherwise."),
]
PolicyOption = Annotated[
    Path | None, typer.Option("--policy", help="Who may sign what; DIR/signers.yaml of --data otherwise.")
]
AttestationOption = Annotated[
    list[Path] | None, typer.Option("--attestation", help="What a rule may need besides; may be repeated.")
]


def verify(
    path: PathArgument,
    signature: SignatureOption = None,
    policy: PolicyOption = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="The node's folder.", envvar="TOCSIN_DATA")
    ] = None,
    attestation: AttestationOption = None,
    name: Annotated[str | None, typer.Option(help="What it should be; its own last name otherwise.")] = None,
    json: JsonOption = False,
) -> None:
    """Accept an artefact only if the policy's signers signed exactly these files. Offline; exit 1 refused."""
    from tocsin.assure.policy_file import FILE_NAME, load_policy
    from tocsin.assure.provenance import Accepted, Given
    from tocsin.assure.provenance import verify as judge
    from tocsin.assure.signed_files import beside, inside, read_bounded
    from tocsin.kernel import system_clock
    from tocsin.wire.model_bundle import MAX_BUNDLE_BYTES

    if policy is None and data is not None and (data / FILE_NAME).exists():
        policy = data / FILE_NAME
    if not path.exists():
        raise BadInput(f"there is nothing at {path}")
    # a link to the signature would be followed; what it leads to is parsed, never loaded
    signatures = signature or [one for one in (beside(path),) if one.exists()]
    attestations = attestation or []
    verdict = judge(
        path,
        Given(
            {str(one): read_bounded(one, MAX_BUNDLE_BYTES) for one in signatures},
            {str(one): read_bounded(one, MAX_BUNDLE_BYTES) for one in attestations},
        ),
        None if policy is None else load_policy(policy),
        at=system_clock(),
        name=name,
        without=inside(path, [*signatures, *attestations]),
    )
    if json:
        show_json(verdict)
    else:
        _tell(verdict)
    if not isinstance(verdict, Accepted):
        raise typer.Exit(3 if verdict.unknown else 1)


def _tell(verdict: object) -> None:
    from tocsin.assure.provenance import Accepted, Refused
    from tocsin.taxonomy.artefact_rules import what_to_do, why

    if isinstance(verdict, Accepted):
        typer.echo(f"{verdict.name} is accepted: signed by {', '.join(verdict.signers)}.")
        typer.echo(f"{len(verdict.files)} files, {verdict.digest}")
        for note in verdict.notes:
            typer.echo(f"  {note.place.path}: {why(note)}")
    elif isinstance(verdict, Refused):
        typer.echo(f"{verdict.name} is refused.")
        for reason in verdict.reasons:
            typer.echo(f"  {reason.place.path}: {why(reason)}".replace("  : ", "  "))
            typer.echo(f"    {what_to_do(reason)}")
