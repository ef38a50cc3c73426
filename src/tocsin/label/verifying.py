"""What a file's labels are worth: scheme by scheme, and never more than was found.

Enters: a file, anchors that the operator named, a moment. Leaves: a `LabelReport`. Refuses: to call a file without a
label made by a person, to fetch anything, to take one scheme's word for another's.
"""

import hashlib
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509

from tocsin.kernel import BadInput
from tocsin.kernel.labels import LabelReport, Scheme, SchemeFinding, Standing
from tocsin.label import manifests
from tocsin.label.carriers import carrier_of
from tocsin.label.carrying import Carried, Field
from tocsin.label.fields import GENERATED, MANIFEST_GUARD
from tocsin.label.formats import HEAD_BYTES, Format, sniff
from tocsin.label.manifests import MANIFESTED, Manifested
from tocsin.label.signing import GUARD, check_guard
from tocsin.trust.certificates import read_roots
from tocsin.wire import aigc
from tocsin.wire.aigc import Aigc

HASH_BYTES = 1 << 20
_SOURCE_PREFIX = "http://cv.iptc.org/newscodes/digitalsourcetype/"

_NONE = Manifested(SchemeFinding(Scheme.C2PA, Standing.NONE_FOUND))


class Anchors(msgspec.Struct, frozen=True):
    """Whose certificates are believed here, in PEM, and read. Nothing configured: nobody's."""

    pem: str = ""
    roots: tuple[x509.Certificate, ...] = ()


def anchors(pem: bytes) -> Anchors:
    """Anchors from certificates in PEM, one behind the other. Raises BadInput."""
    return Anchors(pem.decode("ascii", "replace"), read_roots(pem)) if pem.strip() else Anchors()


def format_of(path: Path) -> Format:
    """As `formats.sniff`, of a file. Raises BadInput."""
    try:
        with path.open("rb") as file:
            return sniff(file.read(HEAD_BYTES), path.suffix)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def verify(path: Path, believed: Anchors, at: datetime) -> LabelReport:
    """Look at one file. Raises BadInput for a format that labels are not written into, TooLarge.

    1. The fields and traces of every scheme, wherever they lie. 2. The manifest, by c2pa. 3. GB 45438's field by its
    guard, or by the manifest over it. 4. IPTC's word by what was signed over it. 5. C2PA's absence by what tells of it.
    """
    format_ = format_of(path)
    carried = carrier_of(format_).read(path)  # 1
    manifested = manifests.read(path, format_, believed.pem) if format_ in MANIFESTED else _NONE  # 2
    over = manifested.finding.standing
    gb45438, guarded = _gb45438(carried, manifested, believed, at)  # 3
    iptc = _iptc(carried, manifested.finding, gb45438 if carried.body and gb45438.signer else None)  # 4
    c2pa = manifested.finding
    notes = dict.fromkeys((*carried.notes, *(("remote-reference",) if manifested.remote else ())))
    if over is Standing.NONE_FOUND and not manifested.remote:  # 5
        traces = [code for scheme, code in carried.traces if scheme is Scheme.C2PA]
        if guarded:
            traces.append("label-names-a-manifest")
        if traces and "remote-reference" not in notes:
            c2pa = SchemeFinding(Scheme.C2PA, Standing.STRIPPED, "", tuple(traces))
        elif traces:
            c2pa = SchemeFinding(Scheme.C2PA, Standing.NONE_FOUND, "", ("remote-not-fetched",))
    return LabelReport(_digest(path), format_, (gb45438, c2pa, iptc), carried.notice, tuple(notes))


def _gb45438(
    carried: Carried, manifested: Manifested, believed: Anchors, at: datetime
) -> tuple[SchemeFinding, bool]:
    """The finding, and whether the field says that a manifest was signed over it."""
    fields = [one for one in carried.fields if one.scheme is Scheme.GB45438]
    if not fields:
        return _absent(carried, manifested), False
    where = ", ".join(dict.fromkeys(one.where for one in fields))
    read: list[Aigc] = []
    for field in fields:
        try:
            read.append(aigc.read(field.text))
        except BadInput:
            return SchemeFinding(Scheme.GB45438, Standing.BROKEN, where, ("not-of-its-form",)), False
    if len({(one.label, one.guard) for one in read}) > 1:
        return SchemeFinding(Scheme.GB45438, Standing.BROKEN, where, ("two-labels",)), False
    found = read[0]
    names_manifest = found.guard.lower().startswith(MANIFEST_GUARD)
    standing, reasons, signer = _vouched(found, carried, manifested, believed, at)
    finding = SchemeFinding(Scheme.GB45438, standing, where, (*reasons, *found.odd), found.label, signer)
    return finding, names_manifest


def _vouched(
    found: Aigc, carried: Carried, manifested: Manifested, believed: Anchors, at: datetime
) -> tuple[Standing, tuple[str, ...], str]:
    """Who stands for a field: its own guard, or the manifest that was signed over the file."""
    if found.guard.startswith(GUARD):
        try:
            proved = check_guard(found.guard, carried.body, found.label, believed.roots, at)
        except BadInput:
            return Standing.BROKEN, ("guard-does-not-hold",), ""
        if proved.doubt:
            return Standing.VALID_UNTRUSTED, (proved.doubt,), proved.signer
        return Standing.VALID, (), proved.signer
    over = manifested.finding
    if over.standing in (Standing.VALID, Standing.VALID_UNTRUSTED):
        return over.standing, ("covered-by-manifest",), over.signer
    if found.guard.lower().startswith(MANIFEST_GUARD):
        if over.standing is Standing.BROKEN:
            return Standing.BROKEN, ("manifest-broken",), ""
        return Standing.VALID_UNTRUSTED, ("manifest-gone",), ""
    return Standing.VALID_UNTRUSTED, ("unsigned",), ""


def _absent(carried: Carried, manifested: Manifested) -> SchemeFinding:
    """No field: it was taken, or a notice stands alone, or there is nothing."""
    traces = tuple(code for scheme, code in carried.traces if scheme is Scheme.GB45438)
    if manifested.aigc:
        traces = (*traces, "manifest-remembers")
    if traces:
        return SchemeFinding(Scheme.GB45438, Standing.STRIPPED, "", traces, manifested.finding.said)
    if carried.notice:
        return SchemeFinding(Scheme.GB45438, Standing.VALID_UNTRUSTED, "notice", ("notice-alone",))
    return SchemeFinding(Scheme.GB45438, Standing.NONE_FOUND)


def _iptc(carried: Carried, manifest: SchemeFinding, guard: SchemeFinding | None) -> SchemeFinding:
    """`guard` is the finding whose guard holds over the whole text, if one does."""
    fields: list[Field] = [one for one in carried.fields if one.scheme is Scheme.IPTC]
    words = dict.fromkeys(one.text.strip().removeprefix(_SOURCE_PREFIX) for one in fields)
    if not words:
        return SchemeFinding(Scheme.IPTC, Standing.NONE_FOUND)
    where = ", ".join(dict.fromkeys(one.where for one in fields))
    short = [word.rsplit("/", 1)[-1] for word in words]
    if len(words) > 1:
        return SchemeFinding(Scheme.IPTC, Standing.BROKEN, where, ("two-labels",))
    if short[0] not in GENERATED:
        return SchemeFinding(Scheme.IPTC, Standing.NONE_FOUND, where, ("says-otherwise",))
    if guard is not None:
        return SchemeFinding(Scheme.IPTC, guard.standing, where, ("covered-by-guard",), signer=guard.signer)
    if manifest.standing in (Standing.VALID, Standing.VALID_UNTRUSTED):
        return SchemeFinding(
            Scheme.IPTC, manifest.standing, where, ("covered-by-manifest",), signer=manifest.signer
        )
    reason = "manifest-broken" if manifest.standing is Standing.BROKEN else "unsigned"
    return SchemeFinding(Scheme.IPTC, Standing.VALID_UNTRUSTED, where, (reason,))


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()
