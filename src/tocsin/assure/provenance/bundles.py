"""The examiner of signatures that lie among a model's files: what they claim, never whether it holds."""

import re
from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told, finding
from tocsin.kernel import BadInput
from tocsin.kernel.artefacts import Fact

FORMAT = "model-signature"
HEAD_BYTES = 4_096
_BEGINS = re.compile(
    rb'\s*\{\s*"(?:mediaType|verificationMaterial|dsseEnvelope|payload|payloadType|signatures)"\s*:'
)
"""By its first key: a vocabulary or a configuration may hold these words somewhere."""

MARKS = (b'"application/vnd.dev.sigstore.bundle', b'"payloadType"', b'"dsseEnvelope"')


class Bundles:
    """Sigstore bundles and DSSE envelopes. Clean when the whole of it is read as one, and so does nothing else."""

    name = FORMAT
    version = 1

    def recognises(self, piece: Piece) -> str:
        head = piece.read(0, HEAD_BYTES)
        whole = _BEGINS.match(head) is not None
        if whole and piece.size > HEAD_BYTES and not _marked(head):
            from tocsin.wire.model_bundle import MAX_BUNDLE_BYTES

            if piece.size <= MAX_BUNDLE_BYTES:  # an envelope on its own may begin with its payload
                head = piece.read(piece.size - HEAD_BYTES, HEAD_BYTES)
        return FORMAT if whole and _marked(head) else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        # not before a bundle is met
        from tocsin.wire.dsse import IN_TOTO_TYPE
        from tocsin.wire.in_toto import parse_statement
        from tocsin.wire.model_bundle import MAX_BUNDLE_BYTES, parse_bundle

        if piece.size > MAX_BUNDLE_BYTES:
            yield finding(
                "provenance.broken-bundle", piece.path, reason=f"it is over {MAX_BUNDLE_BYTES} bytes"
            )
            return
        try:
            bundle = parse_bundle(piece.read(0, piece.size))
            claim: dict[str, str | int] = {
                "made_with": bundle.kind,
                "payload_type": bundle.envelope.payload_type,
            }
            if bundle.envelope.payload_type == IN_TOTO_TYPE:
                said = parse_statement(bundle.envelope.payload)
                claim |= {
                    "predicate_type": said.predicate_type,
                    "subject": said.subjects[0].name,
                    "subjects": len(said.subjects),
                }
        except BadInput as error:
            yield finding("provenance.broken-bundle", piece.path, reason=error.message)
            return
        yield Fact("signature", piece.path, claim)


def _marked(head: bytes) -> bool:
    return any(mark in head for mark in MARKS)
