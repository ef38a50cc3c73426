"""A CycloneDX bill of materials in JSON: the components of a serving stack, as facts to match against.

Only what names a component is read; the bill is not judged. Source: CycloneDX 1.4 to 1.7, `components[].purl`.
"""

from collections.abc import Iterator

import msgspec

from tocsin.assure.examining import Piece, Told, finding
from tocsin.kernel.artefacts import Fact

MAX_BOM_BYTES = 64 << 20
"""A full machine's has some 10 MiB."""

MAX_COMPONENTS = 20_000
MAX_DEPTH = 16
"""Components hold components; nobody nests deeper by hand."""

HEAD_BYTES = 4_096
FORMAT = "cyclonedx"


class _Component(msgspec.Struct, frozen=True):
    name: str = ""
    version: str = ""
    purl: str = ""
    components: tuple["_Component", ...] = ()


class _Bom(msgspec.Struct, frozen=True):
    bomFormat: str  # noqa: N815  # the standard's name
    components: tuple[_Component, ...] = ()


_BOM = msgspec.json.Decoder(_Bom)


class Components:
    """Tells each component with a package URL as a requirement."""

    name = "components"
    version = 1

    def recognises(self, piece: Piece) -> str:
        head = piece.read(0, HEAD_BYTES)
        return FORMAT if head.lstrip()[:1] == b"{" and b'"bomFormat"' in head and b"CycloneDX" in head else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        if piece.size > MAX_BOM_BYTES:
            yield finding("registry.bom-unread", piece.path, why="it is too large")
            return
        try:
            bom = _BOM.decode(piece.read(0, piece.size))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            yield finding("registry.bom-unread", piece.path, why="it is not CycloneDX in JSON")
            return
        unnamed = 0
        for count, component in enumerate(_all(bom.components, 0)):
            if count >= MAX_COMPONENTS:
                yield finding("registry.bom-unread", piece.path, why="it names too many components")
                return
            if component.purl:
                values = {"name": component.name, "version": component.version, "purl": component.purl}
                yield Fact("requirement", piece.path, values)
            else:
                unnamed += 1
        if unnamed:
            yield finding("registry.bom-unnamed", piece.path, count=unnamed)


def _all(components: tuple[_Component, ...], depth: int) -> Iterator[_Component]:
    for component in components:
        yield component
        if depth < MAX_DEPTH:
            yield from _all(component.components, depth + 1)
