"""Every format that labels are written into. One more is one more row and one more file."""

from tocsin.kernel import BadInput
from tocsin.label.carrying import Carrier
from tocsin.label.formats import Format

CARRIERS: tuple[Carrier, ...] = ()

_BY_FORMAT = {carrier.format: carrier for carrier in CARRIERS}


def carrier_of(format_: Format) -> Carrier:
    """Raises BadInput for a format that has no carrier yet."""
    try:
        return _BY_FORMAT[format_]
    except KeyError:
        raise BadInput(f"labels are not written into {format_} yet") from None
