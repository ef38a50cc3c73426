"""STIX bundles from files: MITRE ATLAS and its like, defects and all."""

from pathlib import Path

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.stix import Bundle, parse_bundle
from tocsin.wire.stix.bundles import MAX_BUNDLE_BYTES


def import_bundle(source: Path | bytes) -> Bundle:
    """The usable objects of a bundle, once each, and every defect by object.

    Raises BadInput when the file cannot be read or holds no bundle, TooLarge over MAX_BUNDLE_BYTES.
    """
    if isinstance(source, bytes):
        return parse_bundle(source)
    try:
        with source.open("rb") as stream:
            data = stream.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cannot read {source}: {error.strerror}") from None
    if len(data) > MAX_BUNDLE_BYTES:
        raise TooLarge(f"{source} is larger than {MAX_BUNDLE_BYTES} bytes; split it")
    return parse_bundle(data)
