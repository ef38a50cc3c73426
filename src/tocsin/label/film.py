"""MP4: a notice on the pictures of its first seconds, the field among its keys.

The notice is drawn into the pictures, so they are encoded anew (H.264), all of them: the head alone cannot be joined to
a copied rest of any encoder's making. A caption track would cost nothing, and nobody would see it on a platform that
drops it: that is no notice. Sound and captions are copied; tracks of data (time codes, positions) are left out.
"""

from importlib import resources
from pathlib import Path

from tocsin.kernel import BadInput
from tocsin.kernel.labels import Scheme
from tocsin.label import ffmpeg
from tocsin.label.carrying import NOTICES, Ask, Carried, Tongue
from tocsin.label.formats import Format
from tocsin.label.sound import joined_field
from tocsin.label.tags import carried, tags

NOTICE_FONT = str(resources.files("tocsin.label").joinpath("notice.otf"))
"""The letters of the notices and no other: no font need be installed."""
NOTICE_SECONDS = 3
"""GB 45438 asks for two at least; players fade in and rounding takes a frame."""
_HEIGHT_SHARE = 0.06
"""Of the shortest side; GB 45438 asks for 5 % of it."""
_QUALITY = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
"""CRF 18 is taken to be without visible loss (the encoder's own guide)."""
_MAP = ("-map", "0:v?", "-map", "0:a?", "-map", "0:s?", "-map_metadata", "0")


class Film:
    """A carrier. It holds no state."""

    @property
    def format(self) -> Format:
        return Format.MP4

    @property
    def schemes(self) -> frozenset[Scheme]:
        """ffmpeg writes no XMP into MP4: IPTC's type stands in the manifest."""
        return frozenset({Scheme.GB45438, Scheme.C2PA})

    def read(self, source: Path) -> Carried:
        return carried(source, Format.MP4)

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """Raises as `carrying.Carrier`, and Unavailable without ffmpeg."""
        metadata: list[str] = []
        if ask.implicit and Scheme.GB45438 in ask.schemes:
            metadata = ffmpeg.asked_for(("AIGC", joined_field(tags(source), Format.MP4, ask)))
        coded = ["-c", "copy"]
        if ask.explicit:
            coded += self._noticed(source, ask.tongue)
        end = ["-movflags", "use_metadata_tags", "-strict", "-2", "-f", "mp4"]
        ffmpeg.made(source, "mov", target, [*_MAP, *coded, *metadata, *end])

    def _noticed(self, source: Path, tongue: Tongue) -> list[str]:
        pictures = [one for one in ffmpeg.streams(source, "mov") if one.codec_type == "video"]
        if len(pictures) != 1 or not pictures[0].width or not pictures[0].height:
            raise BadInput(
                f"{source.name} holds {len(pictures)} tracks of pictures: a notice is drawn on one. Ask for metadata"
                " alone, and show the notice where the film is played"
            )
        size = max(8, round(min(pictures[0].width, pictures[0].height) * _HEIGHT_SHARE))
        drawn = (
            f"drawtext=fontfile={_quoted(NOTICE_FONT)}:text={NOTICES[tongue]}:fontsize={size}:fontcolor=white"
            f":box=1:boxcolor=black@0.6:boxborderw={size // 3}:x={size}:y={size}"
            f":enable=lt(t\\,{NOTICE_SECONDS})"
        )
        return [*_QUALITY, "-vf", drawn]


def _quoted(path: str) -> str:
    """A path as an option within a graph: once for the option, once for the graph (ffmpeg-utils, quoting)."""
    for marks in ("\\':", "\\'[],;"):
        path = "".join(f"\\{character}" if character in marks else character for character in path)
    return path
