"""WAV and MP3: a rhythm before the sound, the field among the tags. The sound itself is copied as it is.

GB 45438 takes a spoken notice or the rhythm short, long, short, short (Morse for AI). The rhythm needs no voice and no
language. It is made in the file's own sampling and joined before it, so nothing is encoded anew. WAV keeps what its
INFO list can hold; cue points, loops and broadcast data (bext) of the file are not carried over.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.labels import Scheme
from tocsin.label import ffmpeg
from tocsin.label.carrying import Ask, Carried
from tocsin.label.fields import packet_with
from tocsin.label.formats import Format
from tocsin.label.tags import Tags, carried, comment_with, fields_in, tags
from tocsin.wire import aigc

UNIT_SECONDS = 0.15
"""One short tone. A long one is three, between tones one, between letters three (ITU-R M.1677): 8 words a minute."""
_TONES = ((0, 1), (2, 5), (8, 9), (10, 11))
_WHOLE_UNITS = 14
_HERTZ = 880
"""Through a telephone and a small loudspeaker alike."""
_LOUDNESS = 0.3
MAX_PACKET_ARGUMENT = 64 << 10
"""Linux takes 128 kB in one argument; escaped, a packet may double."""
_MP3_KBITS = 128


class Sound:
    """A carrier. It holds no state."""

    def __init__(self, format_: Format) -> None:
        self._format = format_
        self._form = {Format.WAV: "wav", Format.MP3: "mp3"}[format_]

    @property
    def format(self) -> Format:
        return self._format

    @property
    def schemes(self) -> frozenset[Scheme]:
        """WAV has no XMP that ffmpeg writes: there IPTC's type stands in the manifest."""
        return frozenset(Scheme) if self._format is Format.MP3 else frozenset({Scheme.GB45438, Scheme.C2PA})

    def read(self, source: Path) -> Carried:
        return carried(source, self._format)

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """Raises as `carrying.Carrier`, and Unavailable without ffmpeg."""
        metadata = self._metadata(tags(source), ask) if ask.implicit else []
        end = [*metadata, "-f", self._form, *_ENDS[self._format]]
        sound = ["-map", "0:a", "-map", "0:v?", "-c", "copy", "-map_metadata", "0"]
        if not ask.explicit:
            ffmpeg.made(source, self._form, target, [*sound, *end])
            return
        with TemporaryDirectory(dir=target.parent) as place:
            joined = Path(place) / "joined"
            self._with_rhythm(source, Path(place), joined)
            ffmpeg.made(
                source,
                self._form,
                target,
                ["-map", "0:a", "-map", "1:v?", "-c", "copy", "-map_metadata", "1", *end],
                before=["-f", self._form, "-i", ffmpeg.named(joined)],
            )

    def _with_rhythm(self, source: Path, place: Path, joined: Path) -> None:
        """The rhythm and the sound in one file, whose tags nobody needs."""
        streams = [one for one in ffmpeg.streams(source, self._form) if one.codec_type == "audio"]
        if len(streams) != 1:
            raise BadInput(f"{source.name} holds {len(streams)} streams of sound: a notice goes before one")
        stream = streams[0]
        tones = "+".join(
            f"between(t,{start * UNIT_SECONDS:.2f},{end * UNIT_SECONDS:.2f})" for start, end in _TONES
        )
        graph = (
            f"aevalsrc={_LOUDNESS}*sin(2*PI*{_HERTZ}*t)*({tones}):s={int(stream.sample_rate)}"
            f":d={_WHOLE_UNITS * UNIT_SECONDS:.2f}".replace(",", "\\,")
        )
        coded = ["-ac", str(stream.channels), "-f", self._form]
        if self._format is Format.WAV:
            coded += ["-c:a", stream.codec_name]
        else:
            coded += [
                "-c:a",
                "libmp3lame",
                "-b:a",
                f"{_MP3_KBITS}k",
                "-write_xing",
                "0",
                "-id3v2_version",
                "0",
            ]
        rhythm = place / f"rhythm.{self._form}"
        ffmpeg.generated(graph, rhythm, coded)
        listed = place / "list"
        parts = "\n".join(
            "file '" + str(one.resolve()).replace("'", "'\\''") + "'" for one in (rhythm, source)
        )
        listed.write_text(f"ffconcat version 1.0\n{parts}\n")
        bare = ["-map", "0:a", "-c", "copy", "-map_metadata", "-1", "-f", self._form, *_BARE[self._format]]
        ffmpeg.made(listed, "concat", joined, bare, before=["-safe", "0"])

    def _metadata(self, found: Tags, ask: Ask) -> list[str]:
        values: list[tuple[str, str]] = []
        if Scheme.GB45438 in ask.schemes:
            field = joined_field(found, self._format, ask)
            if self._format is Format.WAV:
                values.append(("comment", comment_with(found, field)))
            else:
                values.append(("AIGC", field))
        if Scheme.IPTC in ask.schemes and self._format is Format.MP3:
            packet = packet_with(
                found.packets[0] if found.packets else None,
                msgspec.structs.replace(ask, schemes=frozenset({Scheme.IPTC})),
            )
            if len(packet) > MAX_PACKET_ARGUMENT:
                raise TooLarge(
                    f"the file's XMP is over {MAX_PACKET_ARGUMENT >> 10} kB: remove what is not needed"
                )
            values.append(("id3v2_priv.XMP", _escaped(packet)))
        return ffmpeg.asked_for(*values)


def joined_field(found: Tags, format_: Format, ask: Ask) -> str:
    """The field to write, with regard to one that is there. Raises Conflict when two differ, or as `aigc.joined`."""
    there = fields_in(found, format_)
    if len(there) > 1:
        raise Conflict("the file carries two labels of GB 45438 that differ, and only one may stand")
    return aigc.joined(there[0] if there else None, aigc.Aigc(ask.label, ask.guard))


_ENDS = {Format.WAV: ("-rf64", "auto"), Format.MP3: ("-id3v2_version", "4", "-write_id3v1", "0")}
_BARE = {Format.WAV: ("-rf64", "auto"), Format.MP3: ("-id3v2_version", "0", "-write_xing", "0")}


def _escaped(packet: bytes) -> str:
    """As ffmpeg takes the bytes of a private frame: what is not plain ASCII as \\xHH."""
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte != ord("\\") else f"\\x{byte:02x}" for byte in packet
    )
