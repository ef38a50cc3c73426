"""Clusters of near-duplicate texts: tied by verified pairs, each text close to the middle of its own cluster."""

import numpy as np
import numpy.typing as npt

from tocsin.correlate.neighbours import F32, Pairs, Texts, jaccard, near_pairs

LINK = 0.35
"""Jaccard similarity that ties two texts: copies of which one word in six was changed reach about .5."""

MEMBER = 0.25
"""Least similarity to the cluster's medoid. A chain of small changes ends here instead of running on."""

MAX_SPLITS = 32
"""Medoids tried in one tied component before what is left counts as single texts."""

I64 = npt.NDArray[np.int64]


def clusters(texts: Texts, starts: I64 | None = None) -> I64:
    """For each text the number of its cluster's medoid, the text most like the others; a lone text is its own.

    With `starts` the texts are several families, each looked at by itself: family i's from starts[i] to starts[i + 1].
    """
    if starts is None:
        starts = np.array([0, len(texts)])
    pairs, weights = near_pairs(texts, least=LINK, starts=starts)
    label = components(len(texts), pairs)
    medoid = np.arange(len(texts))
    owner = label[pairs[:, 0]]
    sizes = np.bincount(label, minlength=len(texts))
    two = sizes[owner] == 2
    medoid[pairs[two, 1]] = pairs[two, 0]  # of two that are tied the first is the medoid, by `_medoid`
    pairs, weights, owner = pairs[~two], weights[~two], owner[~two]
    order = np.argsort(owner, kind="stable")
    pairs, weights, owner = pairs[order], weights[order], owner[order]
    keys, firsts = np.unique(owner, return_index=True)
    members = np.flatnonzero(sizes[label] > 2)
    members = members[np.argsort(label[members], kind="stable")]
    parts = np.searchsorted(label[members], keys), np.searchsorted(label[members], keys, "right")
    for begin, end, first, last in zip(*parts, firsts, np.append(firsts, len(owner))[1:], strict=True):
        for group in _split(texts, members[begin:end], pairs[first:last], weights[first:last]):
            medoid[group] = group[0]
    return medoid


def components(number: int, pairs: Pairs) -> I64:
    """Smallest member of the component of each of `number` nodes."""
    label = np.arange(number)
    while len(pairs):
        low = np.minimum(label[pairs[:, 0]], label[pairs[:, 1]])
        before = label.copy()
        np.minimum.at(label, label[pairs[:, 0]], low)
        np.minimum.at(label, label[pairs[:, 1]], low)
        np.minimum.at(label, pairs.reshape(-1), np.repeat(low, 2))
        while True:
            jumped = label[label]
            if np.array_equal(jumped, label):
                break
            label = jumped
        if np.array_equal(label, before):
            break
    return label


def _split(texts: Texts, members: I64, pairs: Pairs, weights: F32) -> list[I64]:
    """A tied component as groups, each with its medoid first."""
    found: list[I64] = []
    left = members
    for _ in range(MAX_SPLITS):
        medoid = _medoid(left, pairs, weights)
        others = left[left != medoid]
        close = np.isin(others, pairs[(pairs == medoid).any(axis=1)])  # LINK is more than MEMBER
        doubtful = others[~close]
        if len(doubtful):
            close[~close] = (
                jaccard(texts, np.stack((np.full(len(doubtful), medoid), doubtful), axis=1)) >= MEMBER
            )
        found.append(np.concatenate(([medoid], others[close])))
        left = others[~close]
        if not len(left):
            return found
        inside = np.isin(pairs, left).all(axis=1)
        pairs, weights = pairs[inside], weights[inside]
        if not len(pairs):
            break
    return found + [left[at : at + 1] for at in range(len(left))]


def _medoid(members: I64, pairs: Pairs, weights: F32) -> int:
    """The member that most resembles the others; the smallest number where several do."""
    if not len(pairs):
        return int(members[0])
    nodes, at = np.unique(pairs, return_inverse=True)
    total = np.bincount(at.reshape(-1), weights=np.repeat(weights, 2))
    return int(nodes[np.argmax(np.round(total, 4))])
