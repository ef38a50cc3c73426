"""Neighbours' own formats to STIX: AVID reports, AIID incidents.

Enters: bytes of one file. Leaves: a `Bundle`, its objects checked like any other's and what is wrong by entry.
Refuses: more than the bounds in `documents`, and single entries that cannot be taken, by their number.
"""

from tocsin.wire.neighbours.aiid import is_aiid_entry, is_aiid_header, read_aiid
from tocsin.wire.neighbours.avid import read_avid

__all__ = ["is_aiid_entry", "is_aiid_header", "read_aiid", "read_avid"]
