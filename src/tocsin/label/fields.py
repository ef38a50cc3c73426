"""The metadata that labels a content, as an XMP packet holds it: what carriers share whose formats have XMP."""

from collections.abc import Iterable

from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.labels import Scheme
from tocsin.label.carrying import IPTC_GENERATED, Ask, Carried, Field
from tocsin.wire import aigc, xmp

GENERATED = (
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "algorithmicallyEnhanced",
    "algorithmicMedia",
    "compositeSynthetic",
)
"""IPTC's words for what a model made or had a part in. What a file says already of these is kept."""

MANIFEST_GUARD = "c2pa"
"""ReservedCode1 of a file that a manifest was signed over: if the manifest is gone, somebody took it."""


def packet_with(packet: bytes | None, ask: Ask) -> bytes:
    """The packet to write: `ask`'s implicit fields among what was there. Raises BadInput, Conflict (`aigc.joined`)."""
    there = xmp.properties(packet) if packet is not None else ()
    values: dict[str, str] = {}
    if Scheme.GB45438 in ask.schemes:
        theirs = [one.value for one in there if one.name == xmp.AIGC]
        if len(set(theirs)) > 1:
            raise Conflict("the file carries two labels of GB 45438 that differ, and only one may stand")
        values[xmp.AIGC] = aigc.joined(theirs[0] if theirs else None, aigc.Aigc(ask.label, ask.guard))
    if Scheme.IPTC in ask.schemes:
        values[xmp.SOURCE_TYPE] = _source_type([one.value for one in there if one.name == xmp.SOURCE_TYPE])
    return xmp.edited(packet, values)


def carried_in(packets: Iterable[bytes], where: str = "xmp") -> Carried:
    """What packets say, each field once. A packet that cannot be read is a note and hides no other."""
    found: dict[Field, None] = {}
    traces: dict[tuple[Scheme, str], None] = {}
    notes: dict[str, None] = {}
    for packet in packets:
        try:
            told = xmp.properties(packet)
        except BadInput:
            notes["unreadable-xmp"] = None
            continue
        for one in told:
            if one.name == xmp.AIGC:
                found[Field(Scheme.GB45438, where, one.value)] = None
            elif one.name == xmp.SOURCE_TYPE:
                found[Field(Scheme.IPTC, where, one.value)] = None
            elif one.name == xmp.PROVENANCE:
                traces[Scheme.C2PA, "provenance-reference"] = None
                if one.value.lower().startswith(("http:", "https:")):
                    notes["remote-reference"] = None
    return Carried(tuple(found), traces=tuple(traces), notes=tuple(notes))


def _source_type(there: list[str]) -> str:
    known = [one for one in there if one.rsplit("/", 1)[-1] in GENERATED]
    if known:
        return known[0]
    if any(there):
        raise Conflict(
            f"the file says already how it was made ({there[0][:100]}): the label would contradict it"
        )
    return IPTC_GENERATED
