"""Queues as data: those that every node has, and an operator's own files.

Enters: packaged queues (`taxonomy/queues/*.yaml`) and a folder of an operator's (`DATA/queues/*.yaml`). Leaves: queues
as they were written, members by name. Refuses: a file that cannot be read, by name; one that protects less than the
packaged queue of its name.
"""

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput
from tocsin.kernel.cases import CaseFlag
from tocsin.taxonomy.yaml_files import SUFFIX, FileKind

MAX_QUEUES = 64
"""A page looks into each: more would make a look slow, and nobody finds their way among them."""
MAX_MEMBERS = 256
FILES = FileKind("queue", "docs/cases.md", most_files=MAX_QUEUES)
QUEUE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
Hours = Annotated[int, Meta(ge=1, le=8_760)]
AppealDays = Annotated[int, Meta(ge=180, le=3_650)]
"""Six months at least: Regulation (EU) 2022/2065, Article 20(1)."""


class QueueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One queue; the file's name is its id. `members` are names of users."""

    name: Annotated[dict[str, str], Meta(description='By language, "en" at least.')] = {}
    restricted: Annotated[bool, Meta(description="For its members alone, whatever roles others have.")] = (
        False
    )
    members: Annotated[tuple[str, ...], Meta(max_length=MAX_MEMBERS, description="Names of users.")] = ()
    claim_hours: Annotated[
        Hours | None, Meta(description="From its arrival until somebody should have claimed it.")
    ] = None
    decide_hours: Annotated[
        Hours | None, Meta(description="From the last claim until it should be decided.")
    ] = None
    claim_lasts_hours: Annotated[
        Hours | None, Meta(description="A claim that nobody renews ends after so long.")
    ] = None
    appeal_days: Annotated[
        AppealDays | None, Meta(description="How long a decision may be appealed; 180 at least.")
    ] = None
    takes: Annotated[tuple[CaseFlag, ...], Meta(description="Flags that lead here at once.")] = ()


@cache
def packaged_queues() -> dict[str, QueueFile]:
    """The queues that come with Tocsin, by id."""
    folder = resources.files("tocsin.taxonomy").joinpath("queues")
    return {
        name.removesuffix(SUFFIX): FILES.read(data, name, QueueFile) for name, data in FILES.files(folder)
    }


def load_queues(folder: Path) -> dict[str, QueueFile]:
    """Every queue by id: a folder's own first, then the packaged ones as the folder completes them.

    Raises BadInput naming a bad file.
    """
    own: dict[str, QueueFile] = {}
    for name, data in FILES.files(folder):
        queue_id = name.removesuffix(SUFFIX)
        if not QUEUE_ID.fullmatch(queue_id):
            raise BadInput(f"queue {name}: its name has small letters, digits and hyphens")
        own[queue_id] = FILES.read(data, name, QueueFile)
    packaged = packaged_queues()
    every = {name: _completed(name, file, packaged) for name, file in own.items() if name not in packaged}
    every |= {
        name: _completed(name, own[name], packaged) if name in own else file
        for name, file in packaged.items()
    }
    if len(every) > MAX_QUEUES:
        raise BadInput(f"{len(every)} queues; {MAX_QUEUES} is the most")
    for name, queue in every.items():
        if not queue.restricted and CaseFlag.CHILD_MATERIAL in queue.takes:
            raise BadInput(f"queue {name}.yaml: what takes child-material is restricted: true")
    return every


def _completed(name: str, file: QueueFile, packaged: dict[str, QueueFile]) -> QueueFile:
    """An own file; where there is a packaged queue of its name, what it does not say is as it stands there."""
    base = packaged.get(name)
    if base is None:
        if "en" not in file.name:
            raise BadInput(f"queue {name}.yaml: give it a `name`, in English (en) at least")
        return file
    return msgspec.structs.replace(
        file,
        name=base.name | file.name,
        restricted=base.restricted or file.restricted,  # more may be protected, never less
        claim_hours=file.claim_hours or base.claim_hours,
        decide_hours=file.decide_hours or base.decide_hours,
        claim_lasts_hours=file.claim_lasts_hours or base.claim_lasts_hours,
        appeal_days=file.appeal_days or base.appeal_days,
        takes=tuple(dict.fromkeys((*base.takes, *file.takes))),
    )
