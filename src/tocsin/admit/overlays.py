"""Overlays on access: what a law demands of who uses a model, where one does. Data, off until an operator turns it on.

Enters: DATA/access-overlays/*.yaml. Leaves: the overlays that are on. Refuses: one that permits, that reads what it
does not say it asks for, and any attribute but those of the closed list (`trust.admission_policy.ATTRIBUTES`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput, TooLarge
from tocsin.taxonomy.vocabulary import Said
from tocsin.trust.admission_policy import overlay_text

FOLDER = "access-overlays"
MAX_FILE_BYTES = 64 << 10
MAX_FILES = 32
MAX_ON = 16
"""Each is asked with every question."""


class AccessOverlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One law's demand. `asks` are the attributes that it reads beside the question; `cedar` may only forbid."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
    jurisdiction: Annotated[str, Meta(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
    title: Said
    source: Annotated[str, Meta(min_length=3, max_length=300)]
    article: str
    asks: tuple[str, ...]
    cedar: Annotated[str, Meta(min_length=1, max_length=32_768)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    overlays: tuple[AccessOverlay, ...]


def read_access_overlays(data: bytes, name: str) -> tuple[AccessOverlay, ...]:
    """The overlays of one file. Raises BadInput naming the file and what is wrong, TooLarge."""
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"the overlays in {name} are over {MAX_FILE_BYTES >> 10} KiB")
    try:
        file = msgspec.yaml.decode(data, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadInput(f"access overlays {name}: {str(error)[:300]}; docs/access.md shows one") from None
    if file.version != 1:
        raise BadInput(f"access overlays {name}: version {file.version}; version 1 is read")
    for one in file.overlays:
        overlay_text(one.id, one.cedar, one.asks)
    return file.overlays


def load_access_overlays(folder: Path, on: Sequence[str]) -> tuple[AccessOverlay, ...]:
    """Those that are on, by id. Raises BadInput naming a bad file, one given twice, or one that is not there."""
    if len(on) > MAX_ON:
        raise BadInput(f"at most {MAX_ON} access overlays can be on")
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if len(files) > MAX_FILES:
        raise BadInput(f"more than {MAX_FILES} files in {folder}")
    found: dict[str, AccessOverlay] = {}
    for path in files:
        for one in read_access_overlays(path.read_bytes(), path.name):
            if one.id in found:
                raise BadInput(f"access overlays {path.name}: {one.id} is given twice")
            found[one.id] = one
    if missing := sorted(set(on) - set(found)):
        raise BadInput(f"access_overlays names {missing[0]!r}, which no file of {folder} holds")
    return tuple(found[name] for name in sorted(set(on)))
