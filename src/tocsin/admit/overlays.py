"""Overlays on access: what a law demands of who uses a model, where one does. Data, off until an operator turns it on.

Enters: DATA/access-overlays/*.yaml. Leaves: the overlays that are on. Refuses: one that permits, that reads what it
does not say it asks for, and any attribute but those of the closed list (`trust.admission_policy.ATTRIBUTES`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput
from tocsin.taxonomy.law import Id, Source
from tocsin.taxonomy.vocabulary import Said
from tocsin.taxonomy.yaml_files import FileKind, Versioned, refuse_twice
from tocsin.trust.admission_policy import overlay_text

FOLDER = "access-overlays"
MAX_ON = 16
"""Each is asked with every question."""

FILES = FileKind("access overlays", "docs/access.md")


class AccessOverlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One law's demand. `asks` are the attributes that it reads beside the question; `cedar` may only forbid."""

    id: Id
    jurisdiction: Annotated[str, Meta(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
    title: Said
    source: Source
    article: str
    asks: tuple[str, ...]
    cedar: Annotated[str, Meta(min_length=1, max_length=32_768)]


class _File(Versioned, frozen=True, forbid_unknown_fields=True):
    overlays: tuple[AccessOverlay, ...]


def read_access_overlays(data: bytes, name: str) -> tuple[AccessOverlay, ...]:
    """The overlays of one file. Raises BadInput naming the file and what is wrong, TooLarge."""
    file = FILES.read(data, name, _File)
    for one in file.overlays:
        overlay_text(one.id, one.cedar, one.asks)
    return file.overlays


def load_access_overlays(folder: Path, on: Sequence[str]) -> tuple[AccessOverlay, ...]:
    """Those that are on, by id. Raises BadInput naming a bad file, one given twice, or one that is not there."""
    if len(on) > MAX_ON:
        raise BadInput(f"at most {MAX_ON} access overlays can be on")
    every = [one for name, data in FILES.files(folder) for one in read_access_overlays(data, name)]
    refuse_twice((one.id for one in every), "access overlays")
    found = {one.id: one for one in every}
    if missing := sorted(set(on) - set(found)):
        raise BadInput(f"access_overlays names {missing[0]!r}, which no file of {folder} holds")
    return tuple(found[name] for name in sorted(set(on)))
