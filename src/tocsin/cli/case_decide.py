"""tocsin case decide, approve, refuse, appeal: what is decided, by whom, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.callers import RoleOption
from tocsin.cli.case import ReasonsOption, VersionOption
from tocsin.cli.case_work import told
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption, opened
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from tocsin.kernel.disposing import Disposition

MAX_FILE_BYTES = 64 << 10
"""Four texts of 4,000 characters, and what stands around them."""
FileOption = Annotated[
    Path | None, typer.Option("--file", help="The decision as JSON; docs/cases.md shows one.")
]


def _read(file: Path) -> "Disposition":
    """A decision as somebody wrote it; who decides and when is not theirs to say. Raises BadInput."""
    import msgspec

    from tocsin.kernel.disposing import Disposition

    try:
        with file.open("rb") as source:
            content = source.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise BadInput(f"a decision has {MAX_FILE_BYTES >> 10} KiB at most: what is longer is evidence")
        given = msgspec.json.decode(content)
        if not isinstance(given, dict):
            raise BadInput("a decision is one JSON object; docs/cases.md shows one")
        return msgspec.convert(given | {"decided_by": "", "at": 0}, Disposition)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"this is no decision: {str(error)[:200]}; docs/cases.md shows one") from error
    except OSError as error:
        raise BadInput(f"{file.name} cannot be read ({error.strerror})") from error


def decide(
    data: DataOption,
    case: CaseArgument,
    file: Annotated[Path, typer.Option("--file", help="The decision as JSON; docs/cases.md shows one.")],
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Decide a case; a grave measure waits for another person."""
    decision = _read(file)
    with opened(data) as node:
        told(node.cases.dispose(node.access.operator(user), case, decision, version=version), json=json)


def approve(
    data: DataOption,
    case: CaseArgument,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Approve a grave measure that another person proposed."""
    with opened(data) as node:
        told(node.cases.approve(node.access.operator(user), case, version=version), json=json)


def refuse(
    data: DataOption,
    case: CaseArgument,
    reasons: ReasonsOption,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Refuse a proposed measure, or take one's own back."""
    with opened(data) as node:
        by = node.access.operator(user)
        told(node.cases.refuse(by, case, reasons=reasons, version=version), json=json)


def appeal(
    data: DataOption,
    case: CaseArgument,
    upheld: Annotated[bool, typer.Option("--upheld/--overturned", help="Whether the decision stands.")],
    reasons: ReasonsOption,
    file: FileOption = None,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Judge an appeal, as somebody who decided nothing in the case."""
    instead = _read(file) if file else None
    with opened(data) as node:
        done = node.cases.judge_appeal(
            node.access.operator(user),
            case,
            upheld=upheld,
            reasons=reasons,
            disposition=instead,
            version=version,
        )
        told(done, json=json)
