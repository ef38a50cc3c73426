"""tocsin study register, allocate, record, analyse, export: a study in its folder, from first line to verdict."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import JsonOption, SentencesOption, opened
from tocsin.cli.output import show_json, show_table
from tocsin.cli.study_file import SEED, FileArgument, power_of, read, show_power
from tocsin.cli.study_words import words
from tocsin.kernel.errors import BadInput, Conflict

if TYPE_CHECKING:
    from tocsin.evaluate.uplift.ledger import Ledger, Secrets
    from tocsin.kernel.studies import OddsRatio, StudyLook

FolderOption = Annotated[Path, typer.Option("--folder", help="The study's folder.")]
NodeOption = Annotated[
    Path | None, typer.Option("--data", help="The node that signs it, and audits it.", envvar="TOCSIN_DATA")
]


class Reader(StrEnum):
    """Whom an export is for."""

    REVIEWERS = "reviewers"
    GRADERS = "graders"


def register(
    file: FileArgument,
    folder: FolderOption,
    by: Annotated[str, typer.Option("--by", help="Who registers it, as the institute knows them.")] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the simulation.")] = SEED,
    data: NodeOption = None,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Fix a study before anybody takes part, and print its commitment. Exit 1 when it could tell nothing."""
    import msgspec

    from tocsin.app.writing import write_once
    from tocsin.evaluate.uplift.ledger import LEDGER, SECRET, Ledger, Secrets, held
    from tocsin.evaluate.uplift.recording import registered
    from tocsin.kernel.clock import micros, system_clock

    spoken = words(language)
    study = read(file)
    found = power_of(study, seed)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with held(folder):
        if (folder / LEDGER).exists():
            raise Conflict(f"{folder} holds a study already: another study takes another folder")
        made = Secrets(os.urandom(32), os.urandom(32), os.urandom(32))
        first = registered(study, found, made, by)
        write_once(folder / SECRET, msgspec.json.encode(made))
        secrets = msgspec.json.decode((folder / SECRET).read_bytes(), type=Secrets)
        now = system_clock()
        first = registered(study, found, secrets, by)
        if data is not None:
            first = msgspec.structs.replace(first, statement=_signed(data, first, secrets, micros(now)))
        ledger = Ledger(folder, (), "").add([first], now)
    if json:
        show_json(
            {"commitment": first.commitment, "digest": first.digest, "head": ledger.head, "power": found}
        )
        return
    show_power(study, found, spoken)
    typer.echo(spoken["registered"].format(commitment=first.commitment))


def _signed(data: Path, first: object, secrets: "Secrets", at: int) -> str:
    from tocsin.app.studies import sign_study
    from tocsin.evaluate.uplift.ledger import ALLOCATION
    from tocsin.kernel.plans import Registration
    from tocsin.kernel.studies import Registered

    assert isinstance(first, Registered)
    registration = Registration(
        first.commitment, first.digest, {ALLOCATION: first.allocation}, secrets.salt, at, first.by
    )
    with opened(data) as node:
        return sign_study(node.access, data, node.node_id, registration).decode()


def allocate(
    folder: FolderOption,
    ticket: Annotated[
        str,
        typer.Option(
            "--ticket", help="The participant's number at the institute; it is not kept.", prompt=True
        ),
    ],
    stratum: Annotated[
        list[str] | None, typer.Option("--stratum", help="NAME=VALUE, each stratum once.")
    ] = None,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Assign the next participant: the arm is shown now, and no earlier. Exit 1 when they have one."""
    from tocsin.evaluate.uplift.ledger import held, read_ledger
    from tocsin.evaluate.uplift.recording import allocated
    from tocsin.kernel.clock import system_clock

    spoken = words(language)
    strata = dict(_pair(text) for text in stratum or ())
    with held(folder):
        ledger = read_ledger(folder)
        made = allocated(ledger, ticket, strata)
        ledger = ledger.add([made], system_clock())
    if json:
        show_json({"participant": made.participant, "work": made.work, "arm": made.arm, "head": ledger.head})
        return
    told = {"arm": made.arm, "participant": made.participant, "work": made.work}
    typer.echo(spoken["allocated"].format(**told))


def record(
    file: Annotated[Path, typer.Argument(help="JSON lines; - for standard input.")],
    folder: FolderOption,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Enter what participants tried, levels that graders gave, and who is missing: every line, or none."""
    from tocsin.evaluate.uplift.ledger import held, read_ledger
    from tocsin.evaluate.uplift.recording import MAX_ENTRY_BYTES, entries_of
    from tocsin.kernel.clock import system_clock

    spoken = words(language)
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream, held(folder):
            ledger = read_ledger(folder)
            lines = iter(lambda: stream.readline(MAX_ENTRY_BYTES + 1), b"")
            entries = entries_of(ledger, lines)
            ledger = ledger.add(entries, system_clock())
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from None
    if json:
        show_json({"recorded": len(entries), "head": ledger.head})
        return
    typer.echo(spoken["recorded"].format(entries=len(entries), head=ledger.head))


def analyse(
    file: FileArgument,
    folder: FolderOption,
    ended: Annotated[str, typer.Option("--ended", help="Why the stopping rule ended the study early.")] = "",
    data: NodeOption = None,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Look at the data as registered; a study that was changed is refused. Exit 0 below, 1 above, 3 undecided."""
    # numpy reads this when it is loaded: threads of its own would be of no use here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tocsin.evaluate.uplift.analysis import analyse as looked_at
    from tocsin.evaluate.uplift.ledger import held, read_ledger
    from tocsin.evaluate.uplift.outcomes import outcomes_of
    from tocsin.evaluate.uplift.study_file import changed
    from tocsin.kernel.clock import system_clock
    from tocsin.kernel.studies import Looked

    spoken = words(language)
    study = read(file)
    with held(folder):
        ledger = read_ledger(folder)
        ledger.secrets()
        registered = ledger.registered
        if differs := changed(registered.study, study):
            raise Conflict(
                f"this is not the study that was registered: {'; '.join(differs[:10])}. What changes is another study"
            )
        before = ledger.of(Looked)
        found = looked_at(study, outcomes_of(study, ledger.entries), before, ended)
        if found.look > len(before):
            if data is not None:
                from tocsin.app.studies import audit_look

                with opened(data) as node:
                    audit_look(node.access, registered.commitment, found)
            entry = Looked(found.look, found.data, found.found.verdict, found.ended)
            ledger = ledger.add([entry], system_clock())
    if json:
        show_json({"look": found, "commitment": registered.commitment, "head": ledger.head})
    else:
        _show(found, spoken)
    if code := {"below": 0, "above": 1}.get(found.found.verdict.value, 3):
        raise typer.Exit(code)


def export(
    out: Annotated[Path, typer.Argument(help="Where to write.")],
    folder: FolderOption,
    reader: Annotated[Reader, typer.Option("--for", help="Whom it is for.")] = Reader.REVIEWERS,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Write what reviewers check the study by (no identities, small strata merged), or the graders' list of works."""
    from tocsin.cli.model_sign import write_whole
    from tocsin.evaluate.uplift.export import THREAT_MODEL, export_bytes, export_of
    from tocsin.evaluate.uplift.ledger import read_ledger

    spoken = words(language)
    ledger = read_ledger(folder)
    if reader is Reader.GRADERS:
        works = _works(ledger)
        write_whole(out, "".join(f"{work}\n" for work in works).encode())
        written = {"file": str(out), "works": len(works)}
        said = spoken["works"].format(out=out, works=len(works))
    else:
        made = export_of(ledger, ledger.secrets())
        write_whole(out, export_bytes(made))
        written = {"file": str(out), "rows": len(made.rows), "left_out": made.left_out}
        counts = {"rows": len(made.rows), "bare": made.without_strata, "left": made.left_out}
        said = spoken["exported"].format(out=out, **counts, threat=THREAT_MODEL)
    if json:
        show_json(written)
    else:
        typer.echo(said)


def _works(ledger: "Ledger") -> list[str]:
    from tocsin.kernel.studies import Allocated

    return sorted(one.work for one in ledger.of(Allocated))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise BadInput(f"--stratum {text}: write NAME=VALUE")
    return name, value


def _show(look: "StudyLook", spoken: dict[str, str]) -> None:
    found = look.found
    rows = [
        *zip(spoken["effects"].split("|"), (found.effect, found.best, found.worst), strict=True),
        *((spoken["other"].format(name=name), ratio) for name, ratio in look.others.items()),
        *look.strata.items(),
    ]
    show_table(
        spoken["ratios"].format(confidence=found.effect.confidence).split("|"),
        ((name, *_ratio(ratio, spoken["to"])) for name, ratio in rows),
        empty="",
    )
    posterior = found.posterior
    typer.echo(
        spoken["posterior"].format(
            median=posterior.median,
            low=posterior.low,
            high=posterior.high,
            one=posterior.above_one,
            line=posterior.above_line,
        )
    )
    if found.proportionality.p is not None:
        typer.echo(spoken["proportional"].format(p=found.proportionality.p))
    told = {"look": look.look, "looks": look.looks, "verdict": found.verdict.value}
    typer.echo(spoken["verdict"].format(**told, why=found.why))


def _ratio(ratio: "OddsRatio", interval: str) -> tuple[str, str, str]:
    return f"{ratio.ratio:.2f}", interval.format(low=ratio.low, high=ratio.high), f"{ratio.p:.3f}"
