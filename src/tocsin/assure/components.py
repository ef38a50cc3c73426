"""A CycloneDX bill of materials in JSON: the components of a serving stack, as facts to match against.

Only what names a component is read; the bill is not judged. Source: CycloneDX 1.4 to 1.7, `components[].purl`.
"""

from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told, finding
from tocsin.kernel import BadInput
from tocsin.kernel.artefacts import Fact

HEAD_BYTES = 4_096
FORMAT = "cyclonedx"


class Components:
    """Tells each component with a package URL as a requirement."""

    name = "components"
    version = 1

    def recognises(self, piece: Piece) -> str:
        head = piece.read(0, HEAD_BYTES)
        is_one = (
            head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"
            and b'"bomFormat"' in head
            and b"CycloneDX" in head
        )
        return FORMAT if is_one else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        from tocsin.wire.cyclonedx import MAX_BOM_BYTES, components_of  # not before a bill is met

        if piece.size > MAX_BOM_BYTES:
            yield finding("registry.bom-unread", piece.path, why="it is too large")
            return
        try:
            listed = components_of(piece.read(0, piece.size))
        except BadInput as fault:
            yield finding("registry.bom-unread", piece.path, why=fault.message)
            return
        for one in listed:
            if one.purl:
                values = {"name": one.name, "version": one.version, "purl": one.purl}
                yield Fact("requirement", piece.path, values)
        unnamed = sum(not one.purl for one in listed)
        if unnamed:
            yield finding("registry.bom-unnamed", piece.path, count=unnamed)
