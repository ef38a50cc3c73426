"""XMP packets (ISO 16684-1): the two properties that label a content, read from any packet and put into one.

Enters: the bytes of a file or of a packet. Leaves: properties, or the packet with them, all else as it was. Refuses:
document types and entities, which no XMP has; packets beyond the bounds.
"""

import io
import re
from collections.abc import Mapping
from typing import cast
from xml.etree import ElementTree as Tree

import msgspec

from tocsin.kernel import BadInput, TooLarge

MAX_PACKET_BYTES = 1 << 20
"""A JPEG's segment holds 64 kB; panoramas and histories of edits reach some hundred."""
MAX_PACKETS = 8
"""A file has one; a PDF one a picture in it. Beyond this somebody plays."""
MAX_ELEMENTS = 20_000
MAX_DEPTH = 64

TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
DCTERMS = "http://purl.org/dc/terms/"

AIGC = f"{{{TC260}}}AIGC"
SOURCE_TYPE = f"{{{IPTC_EXT}}}DigitalSourceType"
PROVENANCE = f"{{{DCTERMS}}}provenance"

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META = "adobe:ns:meta/"
_DESCRIPTION = f"{{{_RDF}}}Description"
_ABOUT = f"{{{_RDF}}}about"
_PREFIXES = {"x": _META, "rdf": _RDF, "TC260": TC260, "Iptc4xmpExt": IPTC_EXT, "dcterms": DCTERMS}
_SCANNED = re.compile(rb"<(?:\w+:)?xmpmeta[\s>].*?</(?:\w+:)?xmpmeta\s*>", re.DOTALL)
_DECLARED = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OUR_PREFIX = re.compile(r"ns\d+")
_EMPTY = f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{_RDF}"/></x:xmpmeta>'
_HEAD, _TAIL = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>', '<?xpacket end="w"?>'


class Property(msgspec.Struct, frozen=True):
    """One simple property. `name` as `{namespace}local`."""

    name: str
    value: str


def scanned(content: bytes) -> tuple[bytes, ...]:
    """Every packet in plain bytes, wherever it lies (ISO 16684-3: packet scanning). Raises TooLarge."""
    found: list[bytes] = []
    for match in _SCANNED.finditer(content):
        if match.end() - match.start() > MAX_PACKET_BYTES:
            raise TooLarge(f"XMP of over {MAX_PACKET_BYTES} bytes is not read")
        found.append(match.group())
        if len(found) > MAX_PACKETS:
            raise TooLarge(f"more than {MAX_PACKETS} packets of XMP are not read")
    return tuple(found)


def properties(packet: bytes) -> tuple[Property, ...]:
    """The simple properties of a packet, each as often as it stands there. Raises BadInput, TooLarge."""
    found: list[Property] = []
    for description in _tree(packet).iter(_DESCRIPTION):
        found.extend(Property(name, value) for name, value in description.attrib.items() if name != _ABOUT)
        for child in description:
            text = "".join(child.itertext()).strip()
            found.append(Property(child.tag, text or child.get(f"{{{_RDF}}}resource", "")))
    return tuple(found)


def edited(packet: bytes | None, values: Mapping[str, str]) -> bytes:
    """A packet with `values` (name to value) in place of whatever it had under these names. Raises as `properties`."""
    root = _tree(packet or _EMPTY.encode())
    descriptions = list(root.iter(_DESCRIPTION))
    for description in descriptions:
        for name in values:
            description.attrib.pop(name, None)
            for child in description.findall(name):
                description.remove(child)
    rdf = root if root.tag == f"{{{_RDF}}}RDF" else root.find(f"{{{_RDF}}}RDF")
    if rdf is None:
        raise BadInput("the file's XMP has no RDF in it: remove it with the tool that wrote it")
    about = descriptions[0].get(_ABOUT, "") if descriptions else ""
    added = Tree.SubElement(rdf, _DESCRIPTION, {_ABOUT: about})
    for name, value in values.items():
        Tree.SubElement(added, name).text = value
    for prefix, uri in {**_prefixes(packet), **_PREFIXES}.items():
        if not _OUR_PREFIX.fullmatch(prefix):  # the library keeps this form for what has no prefix
            Tree.register_namespace(prefix, uri)
    return f"{_HEAD}{Tree.tostring(root, encoding='unicode')}{_TAIL}".encode()


def _tree(packet: bytes) -> Tree.Element:
    if len(packet) > MAX_PACKET_BYTES:
        raise TooLarge(f"XMP of over {MAX_PACKET_BYTES} bytes is not read")
    try:
        text = packet.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("the file's XMP is not UTF-8") from None
    if _DECLARED.search(text):
        raise BadInput("the file's XMP declares a document type or entities: no XMP has them")
    depth = count = 0
    parser: Tree.XMLPullParser[Tree.Element] = Tree.XMLPullParser(events=("start", "end"))
    root: Tree.Element | None = None
    try:
        for start in range(0, len(text), 1 << 16):
            parser.feed(text[start : start + (1 << 16)])
            for told in parser.read_events():
                event, element = cast(
                    "tuple[str, Tree.Element]", told
                )  # of the two events that were asked for
                depth += 1 if event == "start" else -1
                count += event == "start"
                root = element if root is None else root
                if depth > MAX_DEPTH or count > MAX_ELEMENTS:
                    raise TooLarge("the file's XMP nests deeper or holds more than any editor writes")
        parser.close()
    except Tree.ParseError:
        raise BadInput("the file's XMP is not well-formed XML") from None
    if root is None:
        raise BadInput("the file's XMP is empty")
    return root


def _prefixes(packet: bytes | None) -> dict[str, str]:
    """What the packet calls its namespaces, so that it is written as it was."""
    if not packet:
        return {}
    events = Tree.iterparse(io.BytesIO(packet), events=("start-ns",))  # noqa: S314 - read once already
    return {prefix: uri for _, (prefix, uri) in events if prefix}
