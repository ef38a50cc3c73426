"""The room where foreign bytes come in: event lines, gzip, files, STIX bundles, neighbours' files, peers' records.

Enters: chunks and files. Leaves: `Batch` (events taken, lines refused by number), STIX objects with their
defects. Refuses: anything over a named bound, and keeps none of it in memory.
"""

from tocsin.ingest.bundles import import_bundle
from tocsin.ingest.files import read_file
from tocsin.ingest.gunzip import Gunzip
from tocsin.ingest.lines import Lines
from tocsin.wire.events import Batch

__all__ = ["Batch", "Gunzip", "Lines", "import_bundle", "read_file"]
