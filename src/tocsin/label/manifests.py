"""C2PA manifests: signed over a file as it lies, and read again without a call to anybody.

Enters: a file with its other labels, a key. Leaves: the file with a manifest, or what its manifest says. Everything
here is c2pa's own library; it reads the machine's clock, for it takes no other. Thumbnails are off (160 ms and 400 kB
otherwise), and so is every fetch: a file that names an address would make this node call there.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tocsin import __version__
from tocsin.kernel import BadInput, Conflict, Unavailable
from tocsin.kernel.labels import Certainty, ContentLabel, Scheme, SchemeFinding, Standing
from tocsin.label.carrying import IPTC_GENERATED
from tocsin.label.drawing import frames_of
from tocsin.label.fields import GENERATED
from tocsin.label.formats import Format, media_type
from tocsin.label.signing import LabelKey
from tocsin.wire import aigc, xmp

if TYPE_CHECKING:
    import c2pa

MANIFESTED = frozenset(
    {Format.PNG, Format.JPEG, Format.WEBP, Format.GIF, Format.TIFF, Format.WAV, Format.MP3, Format.MP4}
    | {Format.PDF}
)
"""What the library signs and readers know. Texts have no place for a manifest; DOCX: docs/labels-media.md."""

_BLOCK_KB = 4096
"""A film is hashed block by block (a Merkle tree, as BMFF has): 35 MB of memory at any length; else 0.55 GB."""

MAX_SAID_CHARS = 1 << 20
"""What is read of a manifest's JSON: ours take 3 kB, a history of edits some hundred."""

_SETTINGS = {
    "core": {
        "merkle_tree_chunk_size_in_kb": _BLOCK_KB,
        "merkle_tree_max_proofs": 5,
        "backing_store_memory_threshold_in_mb": 16,
    },
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        "verify_after_sign": False,  # the writer reads it back by itself
        "verify_trust": True,
    },
}
_CREDENTIAL = {
    "signingCredential.untrusted": "certificate-untrusted",
    "signingCredential.expired": "certificate-expired",
    "signingCredential.invalid": "certificate-unfit",
    "claimSignature.outsideValidity": "certificate-expired",
}
"""Failures that speak of who signed, not of what: the bytes are as they were signed."""
_CONTEXT = {"TC260": xmp.TC260, "Iptc4xmpExt": xmp.IPTC_EXT}
_AIGC, _SOURCE = "TC260:AIGC", "Iptc4xmpExt:DigitalSourceType"


class Manifested(msgspec.Struct, frozen=True):
    """What was read of a manifest. `aigc` is GB 45438's field as the manifest remembers it, "" when it does not.

    `remote`: the file names a manifest that lies elsewhere; it was not fetched.
    """

    finding: SchemeFinding
    aigc: str = ""
    remote: bool = False


def sign(
    source: Path, target: Path, format_: Format, label: ContentLabel, key: LabelKey, parent: Path
) -> None:
    """Make `target` of `source` with a manifest. `parent` is the file before anything was written.

    A manifest that `parent` carries is kept as what the new one descends from. Raises BadInput, Conflict, Unavailable.
    """
    c2pa = _library()
    if format_ is Format.TIFF and frames_of(source.read_bytes(), format_) > 1:
        raise Conflict(
            "c2pa's library breaks a TIFF of several pages: save the pages apart, or leave c2pa out"
        )
    kind = media_type(format_)
    carries = carries_manifest(parent, format_)
    try:
        with (
            c2pa.Builder.from_json(json.dumps(_said(label, descends=carries)), _context("")) as builder,
            _signer(key) as signer,
        ):
            if carries:
                builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
                with parent.open("rb") as file:
                    builder.add_ingredient({"title": "before", "relationship": "parentOf"}, kind, file)
            with source.open("rb") as file, target.open("w+b") as made:
                builder.sign(signer, kind, file, made)
    except c2pa.C2paError.Signature as error:
        raise Conflict(
            f"the key cannot sign: {_short(error)}; look at its certificate, or renew it"
        ) from None
    except c2pa.C2paError as error:
        raise BadInput(f"the file cannot be signed as {format_}: {_short(error)}") from None


def carries_manifest(path: Path, format_: Format) -> bool:
    """Whether there is a manifest in the file, whatever it is worth."""
    found = read(path, format_, "")
    return found.finding.standing is not Standing.NONE_FOUND


def read(path: Path, format_: Format, anchors: str) -> Manifested:
    """What the manifest says, judged against `anchors` (certificates in PEM, "" for none).

    1. No manifest: none found (the caller knows whether there was one). 2. A hash or a signature fails: broken.
    3. Only the certificate is doubted: valid, untrusted, and why. 4. The chain ends in an anchor: valid.
    """
    c2pa = _library()
    none = SchemeFinding(Scheme.C2PA, Standing.NONE_FOUND)
    try:
        with (
            path.open("rb") as file,
            c2pa.Reader(media_type(format_), file, context=_context(anchors)) as reader,
        ):
            text = reader.json()
    except c2pa.C2paError.ManifestNotFound:
        return Manifested(none)
    except c2pa.C2paError.RemoteManifest:
        return Manifested(_because(none, "remote-not-fetched"), remote=True)
    except c2pa.C2paError as error:
        if str(error).startswith("Remote:"):
            return Manifested(_because(none, "remote-not-fetched"), remote=True)
        broken = SchemeFinding(Scheme.C2PA, Standing.BROKEN, "manifest", ("unreadable",))
        return Manifested(broken)
    if len(text) > MAX_SAID_CHARS:
        return Manifested(SchemeFinding(Scheme.C2PA, Standing.BROKEN, "manifest", ("too-large",)))
    return _judged(json.loads(text))


def _judged(store: dict[str, Any]) -> Manifested:
    manifests = store.get("manifests") or {}
    active = manifests.get(store.get("active_manifest") or "") or {}
    results = (store.get("validation_results") or {}).get("activeManifest") or {}
    failures = [str(one.get("code", "")) for one in results.get("failure") or ()]
    standing = {"Trusted": Standing.VALID, "Valid": Standing.VALID_UNTRUSTED}.get(
        str(store.get("validation_state")), Standing.BROKEN
    )
    if failures and all(code in _CREDENTIAL for code in failures):  # 3
        standing = Standing.VALID_UNTRUSTED
    reasons = [_CREDENTIAL.get(code, code) for code in failures]
    field = next((one[_AIGC] for one in _metadata(active) if isinstance(one.get(_AIGC), str)), "")
    if not any(_generated(one) for one in manifests.values()):
        reasons.append("says-nothing-of-ai")
    signature = active.get("signature_info") or {}
    signer = ", ".join(
        dict.fromkeys(str(signature[key])[:200] for key in ("common_name", "issuer") if signature.get(key))
    )
    if len(manifests) > 1:
        reasons.append("descends")
    finding = SchemeFinding(
        Scheme.C2PA,
        standing,
        "manifest",
        tuple(dict.fromkeys(reasons)),
        _label_of(active, field),
        signer,
    )
    return Manifested(finding, field)


def _label_of(manifest: dict[str, Any], field: str) -> ContentLabel | None:
    if field:
        try:
            return aigc.read(field).label
        except BadInput:
            return None
    generator = manifest.get("claim_generator_info") or [{}]
    name = str(generator[0].get("name", "")) or str(manifest.get("claim_generator", ""))
    if not name or not _generated(manifest):
        return None
    return ContentLabel(name[:256], str(manifest.get("instance_id", ""))[:256])


def _assertions(manifest: dict[str, Any], *labels: str) -> list[dict[str, Any]]:
    found = manifest.get("assertions") or ()
    return [
        one["data"]
        for one in found
        if isinstance(one, dict)
        and str(one.get("label", "")).split("__")[0] in labels
        and isinstance(one.get("data"), dict)
    ]


def _metadata(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return _assertions(manifest, "cawg.metadata", "c2pa.metadata", "stds.iptc")


def _generated(manifest: dict[str, Any]) -> bool:
    """Whether it says anywhere that a model made it or had a part in it."""
    said = [
        str(action.get("digitalSourceType", ""))
        for one in _assertions(manifest, "c2pa.actions", "c2pa.actions.v2")
        for action in one.get("actions") or ()
        if isinstance(action, dict)
    ]
    said += [str(one.get(_SOURCE, "")) for one in _metadata(manifest)]
    return any(one.rsplit("/", 1)[-1] in GENERATED for one in said)


def _said(label: ContentLabel, *, descends: bool) -> dict[str, Any]:
    metadata = {
        "@context": _CONTEXT,
        _AIGC: aigc.written(aigc.Aigc(label)),
        _SOURCE: IPTC_GENERATED,
    }
    assertions: list[dict[str, Any]] = [{"label": "cawg.metadata", "kind": "Json", "data": metadata}]
    if not descends:
        created: dict[str, Any] = {"action": "c2pa.created", "digitalSourceType": IPTC_GENERATED}
        if label.certainty is not Certainty.CONFIRMED:
            created["description"] = f"generation is {label.certainty}"
        assertions.append({"label": "c2pa.actions.v2", "data": {"actions": [created]}})
    return {"claim_generator_info": [{"name": "Tocsin", "version": __version__}], "assertions": assertions}


def _signer(key: LabelKey) -> "c2pa.Signer":
    c2pa = _library()
    chain = key.chain.decode()
    if key.pem is None:
        return c2pa.Signer.from_callback(key.sign, c2pa.C2paSigningAlg.ES256, chain, None)
    return c2pa.Signer.from_info(
        c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain.encode(), key.pem, None)
    )


@lru_cache(maxsize=8)
def _context(anchors: str) -> "c2pa.Context":
    trust = {"trust": {"user_anchors": anchors}} if anchors else {}
    return _library().Context.from_dict(_SETTINGS | trust)


def _library() -> Any:
    try:
        import c2pa
    except ImportError:
        raise Unavailable(
            "manifests need c2pa: pip install 'tocsin[label]', or leave c2pa out of --scheme"
        ) from None
    return c2pa


def _because(finding: SchemeFinding, reason: str) -> SchemeFinding:
    return msgspec.structs.replace(finding, reasons=(*finding.reasons, reason))


def _short(error: Exception) -> str:
    return "".join(one if one.isprintable() else " " for one in str(error))[:160]
