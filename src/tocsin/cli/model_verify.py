"""tocsin model verify: have those who must sign an artefact signed exactly these bytes?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tocsin.cli.model_sign import PathArgument
from tocsin.cli.opening import JsonOption, LanguageOption
from tocsin.cli.output import chosen_language, show_json
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from tocsin.assure.provenance.verifying import Accepted, Refused
    from tocsin.kernel import Finding

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
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Accept an artefact only if the policy's signers signed exactly these files. Offline; exit 1 refused."""
    from tocsin.assure.provenance.policy_file import FILE_NAME, load_policy
    from tocsin.assure.provenance.signed_files import beside, inside, read_bounded
    from tocsin.assure.provenance.verifying import Accepted, Given
    from tocsin.assure.provenance.verifying import verify as judge
    from tocsin.kernel import system_clock
    from tocsin.wire.model_bundle import MAX_BUNDLE_BYTES

    language = chosen_language(language)
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
        show_json(document(verdict, language))
    else:
        _tell(verdict, language)
    if not isinstance(verdict, Accepted):
        raise typer.Exit(3 if verdict.unknown else 1)


def document(verdict: "Accepted | Refused", language: str) -> dict[str, Any]:
    """The verdict's own fields; each reason and note with its sentences (`why`, `do`) in `language`."""
    from tocsin.taxonomy.artefact_words import words

    told: dict[str, Any] = msgspec.to_builtins(verdict)
    for found, row in zip(_findings(verdict), told["reasons" if "reasons" in told else "notes"], strict=True):
        row["why"], row["do"] = words(found, language)
    return told


def _findings(verdict: "Accepted | Refused") -> "tuple[Finding, ...]":
    from tocsin.assure.provenance.verifying import Accepted

    return verdict.notes if isinstance(verdict, Accepted) else verdict.reasons


def _tell(verdict: "Accepted | Refused", language: str) -> None:
    from tocsin.assure.provenance.verifying import Accepted
    from tocsin.taxonomy.artefact_words import words

    chinese = language == "zh"
    if isinstance(verdict, Accepted):
        by = ", ".join(verdict.signers)
        typer.echo(
            f"{verdict.name} 已接受，签名者：{by}。"
            if chinese
            else f"{verdict.name} is accepted: signed by {by}."
        )
        typer.echo(f"{len(verdict.files)} {'个文件' if chinese else 'files'}, {verdict.digest}")
    else:
        typer.echo(f"{verdict.name} 被拒绝。" if chinese else f"{verdict.name} is refused.")
    for found in _findings(verdict):
        where = f"{found.place.path}: " if found.place.path else ""
        why, do = words(found, language)
        typer.echo(f"  {where}{why}")
        typer.echo(f"    {do}")
