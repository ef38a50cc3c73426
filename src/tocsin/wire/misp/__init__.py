"""MISP events both ways: STIX objects to an event that MISP understands, an event to STIX objects.

Enters: foreign JSON, or the bytes of our objects. Leaves: a `Converted`, or the bytes of one event. Refuses: more
than the bounds in `bounds` before any converter sees it. misp-stix does the converting (`tocsin[misp]`); what it
loses, ids and markings first, is carried beside it (docs/adr/0012-misp-carries-what-the-converter-loses.md).
"""

from tocsin.wire.misp.events import Converted, read_misp, write_misp

__all__ = ["Converted", "read_misp", "write_misp"]
