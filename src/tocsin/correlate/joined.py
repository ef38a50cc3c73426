"""Which cluster each text is in, where some clusters were joined: a few names beside the column of all texts."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.correlate.narrow import chunks

I32 = npt.NDArray[np.int32]
ALIKE: Mapping[int, float] = {}


class Joined:
    """Read as a column by text. The column itself stays as it was taken: a copy would cost four bytes a text."""

    def __init__(self, cluster_of_text: I32, into: Mapping[int, int], likeness: Mapping[int, float]) -> None:
        """`into` names for each cluster that was joined the one that it became part of, which is named too."""
        self._column = cluster_of_text
        self.names = np.array(sorted(into), np.int32)
        """The clusters that were joined, ascending."""
        self._into = np.array([into[name] for name in sorted(into)], np.int32)
        self._likeness = likeness

    @classmethod
    def nothing(cls, cluster_of_text: I32) -> "Joined":
        """The clusters as they are."""
        return cls(cluster_of_text, {}, ALIKE)

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, texts: npt.NDArray[np.integer[Any]]) -> I32:
        found: I32 = self._column[texts]
        if not len(self.names):
            return found
        at = np.minimum(np.searchsorted(self.names, found), len(self.names) - 1)
        return np.where(self.names[at] == found, self._into[at], found)

    def holding(self, clusters: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.bool_]:
        """By text whether its cluster is one of some."""
        wanted, found = np.zeros((2, len(self)), np.bool_)
        wanted[clusters] = True
        wanted[self.names] = wanted[self._into]
        for part in chunks(len(self)):
            found[part] = wanted[self._column[part]]
        return found

    def likeness(self, clusters: Collection[int]) -> float | None:
        """How much the texts of joined clusters have in common, 0 to 1, the least of several; None of any other."""
        return min((self._likeness[one] for one in clusters if one in self._likeness), default=None)
