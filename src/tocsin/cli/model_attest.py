"""tocsin model attest: inspect an artefact and sign what was found, for nodes that need not look again."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.model_sign import KeyOption, NodeOption, PathArgument, chosen_key, record_use, write_whole
from tocsin.cli.opening import JsonOption
from tocsin.cli.output import show_json
from tocsin.kernel import BadInput


def attest(
    path: PathArgument,
    key: KeyOption = None,
    data: NodeOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write; PATH.inspection.json otherwise.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an older attestation.")] = False,
    json: JsonOption = False,
) -> None:
    """Inspect, and write the verdict as a signed in-toto statement over every file. Exit 1 found, 3 not examined."""
    from tocsin.assure import inspect
    from tocsin.assure.provenance.attestations import inspected
    from tocsin.assure.provenance.require import inspected_files
    from tocsin.assure.provenance.signed_files import beside, inside
    from tocsin.kernel import ArtefactVerdict, system_clock
    from tocsin.trust.signing_keys import key_id, sealed
    from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes

    signer = chosen_key(key, data)
    target = out or path.with_name(path.resolve().name + ".inspection.json")
    if target.exists() and not force:
        raise BadInput(f"{target} exists: say --force to replace it, or name another with --out")
    inspection = inspect(path, clock=system_clock)
    files = inspected_files(inspection, path, inside(path, [beside(path), target]))
    named = key_id(signer.public_key())
    statement = inspected(inspection, files)
    record_use(key, data, "model.attest", inspection.name)
    write_whole(target, envelope_bytes(sealed(signer, IN_TOTO_TYPE, statement.to_bytes(), keyid=named)))
    if json:
        show_json(
            {
                "attestation": str(target),
                "artefact": inspection.artefact,
                "verdict": inspection.verdict,
                "files": len(files),
                "key_id": named,
            }
        )
    else:
        typer.echo(
            f"{target}: {inspection.name} is {inspection.verdict.value}, {len(files)} files, by {named}"
        )
    if inspection.verdict is not ArtefactVerdict.CLEAN:
        raise typer.Exit(1 if inspection.verdict is ArtefactVerdict.FOUND else 3)
