"""Notes, checkpoints, proofs, tiles' names and bundles: read in one way, or BadInput; written again the same."""

from contextlib import suppress

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.wire"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.tlog import (
        bundle_bytes,
        checkpoint_of,
        note_bytes,
        parse_bundle,
        parse_note,
        parse_proof,
        parse_tile_path,
        proof_bytes,
        read_cosignature,
        read_key,
        tile_path,
    )
    from tocsin.wire.tlog.opening import extra_of, read_extra
    from tocsin.wire.tlog.proof import hash_lines, parse_hash_lines


def one(data: bytes) -> None:
    """As each of them."""
    text = data.decode(errors="replace")
    with suppress(BadInput):
        note = parse_note(data)
        assert note_bytes(note) == data
        assert checkpoint_of(note).text == note.text
    with suppress(BadInput):
        assert proof_bytes(parse_proof(data)) == data
    with suppress(BadInput):
        assert hash_lines(parse_hash_lines(data)) == data
    with suppress(BadInput):
        extra = read_extra(data)
        assert read_extra(extra_of(extra)) == extra
    with suppress(BadInput):
        assert bundle_bytes(parse_bundle(data)) == data
    with suppress(BadInput):
        assert read_cosignature(data).to_bytes() == data
    with suppress(BadInput):
        assert tile_path(parse_tile_path(text)) == text
    with suppress(BadInput):
        assert str(read_key(text)) == text


if __name__ == "__main__":
    fuzz(one)
