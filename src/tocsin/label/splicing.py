"""An XMP packet put into a picture's file, and every byte of the picture left as it was (docs/adr/0058).

Enters: the whole file and a packet. Leaves: the file with it. Reads what lies around the picture and nothing in it:
lengths and names of blocks, in places that ISO 16684-3 names. Refuses: blocks that end past the file, and too many.
"""

import struct
import zlib
from collections.abc import Callable, Iterator

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.label.formats import Format
from tocsin.wire.xmp import MAX_PACKET_BYTES

MAX_BLOCKS = 200_000
"""A GIF of 10,000 frames in blocks of 255 bytes, a PNG of a gigabyte in chunks of 8 kB."""
MAX_SEGMENT_BYTES = 65_533
"""What a JPEG's segment holds (ITU-T T.81, B.1.1.4: two bytes of length, which count themselves)."""

_XAP = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_KEYWORD = b"XML:com.adobe.xmp\0"
_GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
_GIF_END = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
"""Whatever length a reader takes from within the packet, it lands in here and at its end."""
_TIFF_XMP = 700
_WEBP_XMP, _WEBP_ALPHA = 0x04, 0x10


class Spliceable(msgspec.Struct, frozen=True):
    """A file taken apart: the packet that it has, and the way to put another in its place."""

    packet: bytes | None
    put: Callable[[bytes], bytes]


def spliceable(content: bytes, format_: Format) -> Spliceable:
    """Raises BadInput where the file's own lengths do not add up, TooLarge."""
    try:
        return _WAYS[format_](content)
    except (struct.error, IndexError, zlib.error):
        raise BadInput(
            f"this {format_} file is broken or cut short: make it anew from what it was made of"
        ) from None


def _jpeg(content: bytes) -> Spliceable:
    packet, kept, place, scan = None, bytearray(content[:2]), 2, 2
    for at, scan, marker in _segments(content):
        body = content[at + 4 : scan]
        if marker == 0xE1 and body.startswith(_XAP):
            packet = packet or body[len(_XAP) :]
            continue
        kept += content[at:scan]
        if marker == 0xE0 or (marker == 0xE1 and body.startswith(b"Exif\0")):
            place = len(kept)  # JFIF and Exif come first: their readers look nowhere else
    before, after = bytes(kept[:place]), bytes(kept[place:]) + content[scan:]

    def put(new: bytes) -> bytes:
        body = _XAP + new
        if len(body) > MAX_SEGMENT_BYTES:
            raise TooLarge(
                f"a JPEG holds {MAX_SEGMENT_BYTES - len(_XAP)} bytes of XMP: this file's would be larger"
            )
        return before + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + after

    return Spliceable(packet, put)


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Segments before the picture: where each starts and ends, and its marker."""
    at = 2
    for _ in range(MAX_BLOCKS):
        while content[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if content[at] != 0xFF:
            raise BadInput("this jpeg file is broken: a segment does not begin where the last one ended")
        marker = content[at + 1]
        if marker == 0xDA:
            return
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise IndexError
        yield at, end, marker
        at = end
    raise TooLarge(f"more than {MAX_BLOCKS} segments")


def _png(content: bytes) -> Spliceable:
    packet, kept, place, at = None, bytearray(content[:8]), 8, 8
    for _ in range(MAX_BLOCKS):
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise IndexError
        body = content[at + 8 : end - 4]
        if name == b"iTXt" and body.startswith(_PNG_KEYWORD):
            packet = packet or _png_text(body[len(_PNG_KEYWORD) :])
        else:
            kept += content[at:end]
        if name == b"IHDR":
            place = len(kept)
        at = end
        if name == b"IEND":
            break
    else:
        raise TooLarge(f"more than {MAX_BLOCKS} chunks")
    before, after = bytes(kept[:place]), bytes(kept[place:]) + content[at:]

    def put(new: bytes) -> bytes:
        chunk = b"iTXt" + _PNG_KEYWORD + b"\0\0\0\0" + new
        return (
            before + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + after
        )

    return Spliceable(packet, put)


def _png_text(body: bytes) -> bytes:
    packed = body[0] == 1
    _, _, text = body[2:].split(b"\0", 2) if body[2:].count(b"\0") >= 2 else (b"", b"", b"")
    if not packed:
        return text
    unpacked = zlib.decompressobj().decompress(text, MAX_PACKET_BYTES + 1)
    if len(unpacked) > MAX_PACKET_BYTES:
        raise TooLarge(f"XMP of over {MAX_PACKET_BYTES} bytes is not read")
    return unpacked


def _webp(content: bytes) -> Spliceable:
    packet, chunks, at = None, list[tuple[bytes, bytes]](), 12
    riff_end = 8 + struct.unpack_from("<I", content, 4)[0]
    if riff_end > len(content):
        raise IndexError
    while at + 8 <= riff_end:
        name, length = struct.unpack_from("<4sI", content, at)
        body = content[at + 8 : at + 8 + length]
        if len(body) < length or len(chunks) >= MAX_BLOCKS:
            raise IndexError
        if name == b"XMP ":
            packet = packet or body
        else:
            chunks.append((name, body))
        at += 8 + length + length % 2
    if not chunks:
        raise IndexError
    if chunks[0][0] != b"VP8X":
        chunks.insert(0, (b"VP8X", _extended(content, *chunks[0])))

    def put(new: bytes) -> bytes:
        flags = chunks[0][1]
        head = (b"VP8X", bytes([flags[0] | _WEBP_XMP]) + flags[1:])
        said = [head, *(one for one in chunks[1:] if one[0] != b"C2PA"), (b"XMP ", new)]
        said += [one for one in chunks if one[0] == b"C2PA"]  # a manifest stays the last
        body = b"".join(
            name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in said
        )
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body + content[riff_end:]

    return Spliceable(packet, put)


def _extended(content: bytes, name: bytes, body: bytes) -> bytes:
    """The header that a WebP with metadata needs (RFC 9649, 2.7): the size, and whether a part is see-through."""
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        width, height, alpha = width & 0x3FFF, height & 0x3FFF, False
    elif name == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    else:
        raise IndexError
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return bytes([_WEBP_ALPHA if alpha else 0, 0, 0, 0]) + size


def _gif(content: bytes) -> Spliceable:
    at = 13 + _colours(content[10])
    packet, kept, place = None, bytearray(b"GIF89a" + content[6:at]), at
    for _ in range(MAX_BLOCKS):
        kind = content[at]
        if kind == 0x3B:
            break
        if kind == 0x21:
            end = _sub_blocks(content, at + 2)
        elif kind == 0x2C:
            end = _sub_blocks(content, at + 11 + _colours(content[at + 9]))
        else:
            raise IndexError
        if content.startswith(_GIF_XMP, at):
            packet = packet or content[at + len(_GIF_XMP) : max(at + len(_GIF_XMP), end - len(_GIF_END))]
        else:
            kept += content[at:end]
            if content[at + 3 : at + 14] == b"NETSCAPE2.0":
                place = len(kept)  # the loop comes first: some players look nowhere else
        at = end
    else:
        raise TooLarge(f"more than {MAX_BLOCKS} blocks")
    before, after = bytes(kept[:place]), bytes(kept[place:]) + content[at:]

    def put(new: bytes) -> bytes:
        if 0 in new:
            raise BadInput("XMP in a GIF holds no zero byte")
        return before + _GIF_XMP + new + _GIF_END + after

    return Spliceable(packet, put)


def _colours(packed: int) -> int:
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _sub_blocks(content: bytes, at: int) -> int:
    for _ in range(MAX_BLOCKS):
        length = content[at]
        at += 1 + length
        if not length:
            return at
    raise TooLarge(f"more than {MAX_BLOCKS} blocks")


def _tiff(content: bytes) -> Spliceable:
    order = "<" if content.startswith(b"II") else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, start)
    rows = [content[start + 2 + 12 * at : start + 14 + 12 * at] for at in range(count)]
    if any(len(row) < 12 for row in rows):
        raise IndexError
    (following,) = struct.unpack_from(f"{order}I", content, start + 2 + 12 * count)
    packet = None
    for row in rows:
        tag, _, length, where = struct.unpack(f"{order}HHII", row)
        if tag == _TIFF_XMP:
            if where + length > len(content):
                raise IndexError
            packet = content[where : where + length]

    def put(new: bytes) -> bytes:
        """A new first directory behind everything: nothing that others point at is moved."""
        body = content + b"\0" * (len(content) % 2)
        directory = len(body) + len(new) + len(new) % 2
        row = struct.pack(f"{order}HHII", _TIFF_XMP, 1, len(new), len(body))
        said = [one for one in rows if struct.unpack_from(f"{order}H", one)[0] != _TIFF_XMP]
        said = sorted([*said, row], key=lambda one: struct.unpack_from(f"{order}H", one)[0])
        if directory + 6 + 12 * len(said) >= 1 << 32:
            raise TooLarge("a TIFF ends before 4 GB")
        head = content[:4] + struct.pack(f"{order}I", directory)
        table = struct.pack(f"{order}H", len(said)) + b"".join(said) + struct.pack(f"{order}I", following)
        return head + body[8:] + new + b"\0" * (len(new) % 2) + table

    return Spliceable(packet, put)


_WAYS: dict[Format, Callable[[bytes], Spliceable]] = {
    Format.JPEG: _jpeg,
    Format.PNG: _png,
    Format.WEBP: _webp,
    Format.GIF: _gif,
    Format.TIFF: _tiff,
}
