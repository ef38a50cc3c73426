"""Every format that labels are written into. One more is one more row and one more file."""

from tocsin.kernel import BadInput
from tocsin.label.carrying import Carrier
from tocsin.label.film import Film
from tocsin.label.formats import PICTURES, Format
from tocsin.label.pages import HtmlCarrier
from tocsin.label.pdf import Paper
from tocsin.label.pictures import PictureCarrier
from tocsin.label.sound import Sound
from tocsin.label.texts import MarkdownCarrier, TextCarrier
from tocsin.label.word import Word

CARRIERS: tuple[Carrier, ...] = (
    TextCarrier(),
    MarkdownCarrier(),
    HtmlCarrier(),
    *(PictureCarrier(format_) for format_ in sorted(PICTURES)),
    Sound(Format.WAV),
    Sound(Format.MP3),
    Film(),
    Paper(),
    Word(),
)

_BY_FORMAT = {carrier.format: carrier for carrier in CARRIERS}


def carrier_of(format_: Format) -> Carrier:
    """Raises BadInput for a format that has no carrier yet."""
    try:
        return _BY_FORMAT[format_]
    except KeyError:
        raise BadInput(f"labels are not written into {format_} yet") from None
