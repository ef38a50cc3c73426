"""Which events use a text that a person here confirmed."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tocsin.correlate.dismissals import SAME_TEMPLATE
from tocsin.correlate.window import View


def confirmed_rows(view: View, signatures: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """Rows of the view whose text is like one of these confirmed ones, ascending."""
    if not signatures:
        return np.zeros(0, np.int64)
    like = np.zeros(len(view.texts) + 1, np.bool_)  # the last stands for events without a text
    for texts in view.texts.like(signatures, SAME_TEMPLATE):
        like[texts] = True
    return np.flatnonzero(like[view.text])
