"""A file labelled in one pass, in the order that keeps every label whole: notice, metadata, manifest, and a look at it.

Enters: a file, what is to be said, a key. Leaves: the labelled file beside it, whole or not at all. Refuses: to break
a manifest that it was not asked to write anew, and to hand on a file whose labels do not read back as they were meant.
"""

import os
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from tocsin.kernel import BadInput, Conflict, Unavailable
from tocsin.kernel.labels import LabelReport, Scheme, Standing
from tocsin.label import manifests
from tocsin.label.carriers import carrier_of
from tocsin.label.carrying import Ask, Carrier
from tocsin.label.fields import MANIFEST_GUARD
from tocsin.label.formats import TEXTS
from tocsin.label.looking import WRITING, fields_written, verified
from tocsin.label.manifests import MANIFESTED
from tocsin.label.signing import LabelKey, guard_of
from tocsin.label.verifying import Anchors, format_of, verify

if TYPE_CHECKING:
    from tocsin.label.apart import Apart


class Written(msgspec.Struct, frozen=True):
    """What was written. `left_out` are schemes that this format has no place for."""

    format: str
    schemes: tuple[Scheme, ...]
    left_out: tuple[Scheme, ...]
    report: LabelReport


def write(
    source: Path, target: Path, ask: Ask, key: LabelKey | None, at: datetime, *, apart: "Apart | None" = None
) -> Written:
    """Make `target` of `source` with the labels that `ask` names. `target` is replaced; it may be `source`.

    With `apart` steps 3 and 5 run in the cage; the key never does, so step 4 and the look for a manifest run here.

    1. What this format has no place for is left out, and told. 2. A manifest that is there is kept as an ancestor, or
    nothing is written. 3. The notice and the fields. 4. The manifest over all of it. 5. All of it is read back.
    Raises BadInput, Conflict, TooLarge, Unavailable.
    """
    format_ = format_of(source)
    carrier = carrier_of(format_)
    schemes = ask.schemes & carrier.schemes  # 1
    if not schemes:
        raise BadInput(f"{format_} has no place for {', '.join(sorted(ask.schemes))}")
    signs = ask.implicit and Scheme.C2PA in schemes
    if signs and key is None:
        raise BadInput("a manifest is signed: name a key, or leave c2pa out of --scheme")
    if not signs and format_ in MANIFESTED and manifests.carries_manifest(source, format_):  # 2
        raise Conflict(
            "the file carries a manifest, and anything written now would break it: add c2pa to --scheme"
        )
    told = msgspec.structs.replace(ask, schemes=schemes, guard=MANIFEST_GUARD if signs else ask.guard)
    if format_ in TEXTS and key is not None:
        told = _sealed(told, key)
    pending = [
        target.with_name(f".{target.stem}-{os.getpid()}-{step}{source.suffix}")
        for step in ("fields", "signed")
    ]
    try:
        _carried(carrier, source, pending[0], told, apart)  # 3
        made = pending[0]
        if signs and key is not None:
            made = pending[1]
            manifests.sign(pending[0], made, format_, ask.label, key, source)  # 4
        report = (
            apart.run(verified, made, "", at, reads=[made]) if apart else verify(made, Anchors(), at)
        )  # 5
        _require(report, told)
        made.replace(target)
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}") from error
    finally:
        for one in pending:
            one.unlink(missing_ok=True)
    return Written(format_, tuple(sorted(schemes)), tuple(sorted(ask.schemes - schemes)), report)


def _carried(carrier: Carrier, source: Path, target: Path, ask: Ask, apart: "Apart | None") -> None:
    if (
        apart is None or ask.seal is not None
    ):  # a text is sealed with the key, and no parser but ours reads it
        carrier.write(source, target, ask)
        return
    with TemporaryDirectory(dir=target.parent, prefix=".label-") as place:
        made = Path(place) / target.name
        apart.run(
            fields_written,
            carrier.format,
            source,
            made,
            ask.label,
            ask.schemes,
            ask.explicit,
            ask.implicit,
            ask.tongue,
            ask.guard,
            reads=[source],
            writes=[Path(place)],
            bounds=WRITING,
        )
        made.replace(target)


def _sealed(ask: Ask, key: LabelKey) -> Ask:
    def seal(body: bytes) -> str:
        return guard_of(body, ask.label, key)

    return msgspec.structs.replace(ask, seal=seal)


def _require(report: LabelReport, ask: Ask) -> None:
    """Everything that was meant stands there, and stands. It is a fault of ours or of the file's when it does not."""
    for scheme in ask.schemes if ask.implicit else ():
        found = report.of(scheme)
        if found.standing not in (Standing.VALID, Standing.VALID_UNTRUSTED):
            raise Conflict(
                f"the label of {scheme} does not read back as it was written ({', '.join(found.reasons)}): the file was"
                " left as it was"
            )
    if ask.explicit and report.notice is False:
        raise Conflict("the notice does not read back as it was written: the file was left as it was")
