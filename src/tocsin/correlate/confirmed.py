"""Which events use a text that a person here confirmed."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tocsin.correlate.dismissals import SAME_TEMPLATE
from tocsin.correlate.window import View
from tocsin.wire.sketch import similarities


def confirmed_rows(view: View, signatures: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """Rows of the view whose text is like one of these confirmed ones, ascending."""
    if not signatures:
        return np.zeros(0, np.int64)
    by_slot = np.asfortranarray(view.texts.signatures)
    like = np.zeros(len(view.texts) + 1, np.bool_)  # the last stands for events without a text
    for signature in signatures:
        like[:-1] |= similarities(by_slot, signature) >= SAME_TEMPLATE
    return np.flatnonzero(like[view.text])
