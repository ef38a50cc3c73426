"""Which accounts are behind what a person confirmed."""

from collections.abc import Sequence

import numpy as np

from tocsin.correlate.dismissals import SAME_TEMPLATE
from tocsin.correlate.window import Window
from tocsin.wire.sketch import similarities


def accounts_behind(window: Window, signatures: Sequence[bytes]) -> frozenset[str]:
    """Pseudonyms of the accounts in the window that used a text like one of these confirmed ones."""
    if not signatures:
        return frozenset()
    view = window.view()
    by_slot = np.asfortranarray(view.texts.signatures)
    like = np.zeros(len(view.texts) + 1, np.bool_)  # the last stands for events without a text
    for signature in signatures:
        like[:-1] |= similarities(by_slot, signature) >= SAME_TEMPLATE
    actors = np.unique(view.actor[like[view.text]])
    return frozenset(view.actors[actor] for actor in actors.tolist())
