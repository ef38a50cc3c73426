"""Texts written so that a machine reads something else than a person: a note, for artists do it too."""

import pyarrow as pa

from tocsin.screen.batch import findings

LEAST_REPAIRS = 3
"""Disguised words in a text. One or two are a typing slip, a product name, a pasted soft hyphen."""

STRENGTH = 0.2


class Evasion:
    """Counts what folding had to undo (`wire.fold`) and nobody writes without a purpose: look-alikes, invisibles,
    piled marks, digits for letters, stretches where nothing joins, many signs between Chinese characters.
    """

    name = "evasion"
    version = "2"
    category = "technique.monitoring-bypass"

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One finding per text with at least LEAST_REPAIRS disguised words."""
        return findings(
            [
                (row, self.version, self.category, STRENGTH, "disguised-words")
                for row, repairs in enumerate(batch.column("repairs").to_numpy().tolist())
                if repairs >= LEAST_REPAIRS
            ]
        )
