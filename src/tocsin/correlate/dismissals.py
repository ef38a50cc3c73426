"""Whether reviewers, here or at peers, already found a template harmless; and whose word counts for how much.

Enters: dismissals as they were said, and how their authors stand here. Leaves: for one template quiet or not, with
the reason. Refuses: to let peers silence what this node itself knows. Docs: docs/sharing.md, "Dismissals".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from tocsin.kernel import Dismissal, Reason, Warning, WarningKind, WarningStatus
from tocsin.kernel.limits import LEAST_DISMISSERS
from tocsin.wire.sketch import MIN_SHARED_SHINGLES, SLOTS, U32, signature_array, similarities

SAME_TEMPLATE = 33 / 64
"""Similarity from which a dismissal speaks of the same template; a stranger's similar text stays audible.

More than half of the slots: a forged signature, slots taken from two unlike templates, covers one of them at most."""

PEER_MARGIN = 1.5
"""Above the threshold by more than this, one peer's word does not quiet: a hostile peer may dismiss its own."""

HARD_EVIDENCE = 3.0
"""Conduct that this node itself knows (`evidence.corroboration`: shared payment, device, flagged accounts; odds of
20 to 1) from which no peer's word quiets, whatever the score."""

MAX_A_WEEK = 50
"""Dismissals of one organisation and week that count. A node has some 20 harmless candidates a week (the study behind
docs/warnings.md); who sends more is flooding, or speaks for many nodes and should name them."""

MAX_DAYS = 180
"""However long it says it lasts. With MAX_A_WEEK at most 1,300 count at once, whatever dates a peer writes."""

NAMES_SHOWN = 5
_DAY = 86_400_000_000
_WEEK = 7 * _DAY

OWN = ""
"""Stands for this node itself, where else the name of a peer stands."""


class Dismisser(msgspec.Struct, frozen=True):
    """How an author stands here. Nodes of one `organisation` speak once; `weight` 0 is not heard at all."""

    peer: str
    organisation: str
    weight: float = 1.0


class Voice(msgspec.Struct, frozen=True):
    """A dismissal that counts, and whose it is."""

    by: Dismisser
    signature: bytes


class Heard(msgspec.Struct, frozen=True):
    """What dismissals do to one template. `reason` is there whenever anybody spoke, quiet or not."""

    quiet: bool
    reason: Reason | None = None


class Voices:
    """The dismissals that count just now. `left_out` says which do not, and why, as (peer, reason code) → how many."""

    def __init__(
        self,
        voices: Sequence[Voice] = (),
        *,
        needed: int = LEAST_DISMISSERS,
        left_out: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self.left_out = dict(left_out or {})
        self._needed = max(needed, LEAST_DISMISSERS)
        self._by = [voice.by for voice in voices]
        rows = [signature_array(voice.signature) for voice in voices]
        # one slot of all signatures lies together: thousands are compared at once
        self._signatures: U32 = np.asfortranarray(
            np.stack(rows) if rows else np.empty((0, SLOTS), np.uint32), dtype=np.uint32
        )

    def __len__(self) -> int:
        return len(self._by)

    def on(
        self, signature: bytes | U32, *, score: float, threshold: float, strong: float, hard: bool
    ) -> Heard:
        """What is said of one template whose evidence here has this score.

        1. Nothing quiets evidence of `strong` and more.
        2. This node's own reviewer quiets what is below.
        3. Peers never quiet `hard` evidence: conduct that this node itself knows.
        4. Up to PEER_MARGIN above the threshold one peer is enough, beyond it as many as are needed: counted by
           organisation, each with its weight.
        """
        close = np.flatnonzero(similarities(self._signatures, signature) >= SAME_TEMPLATE)
        speaking = {self._by[at] for at in close.tolist()}
        if not speaking:
            return Heard(quiet=False)
        own = sum(self._by[at].peer == OWN for at in close.tolist())
        peers = [by for by in speaking if by.peer != OWN]
        weights: dict[str, float] = {}
        for by in peers:
            weights[by.organisation] = max(by.weight, weights.get(by.organisation, 0.0))
        said: dict[str, str | int | float] = {
            "peers": len(weights),
            "who": _names(sorted({by.peer for by in peers})),
        }
        if score >= strong:  # 1
            return Heard(
                False, Reason("dismissed.strong", said) if peers else Reason("dismissed.here-strong")
            )
        if own:  # 2
            return Heard(True, Reason("dismissed.here", {"times": own}))
        if hard:  # 3
            return Heard(False, Reason("dismissed.hard", said))
        needed = 1 if score < threshold + PEER_MARGIN else self._needed  # 4
        if sum(weights.values()) >= needed:
            return Heard(True, Reason("dismissed.peers", said))
        return Heard(False, Reason("dismissed.few", {**said, "needed": needed}))


SILENCE = Voices()
"""Nobody dismissed anything."""


def voices(
    dismissals: Iterable[Dismissal],
    dismissers: Mapping[str, Dismisser],
    *,
    now_us: int,
    needed: int = LEAST_DISMISSERS,
) -> Voices:
    """Which dismissals count now. `dismissers` are the authors that are heard, by STIX identity.

    1. The author is one of them, and has a weight.
    2. It is in force: begun, not ended, and not older than MAX_DAYS.
    3. A peer's is of a text long enough not to be everybody's.
    4. Of a peer's organisation only the first MAX_A_WEEK of each week.
    """
    left_out: dict[tuple[str, str], int] = defaultdict(int)
    counted: list[Voice] = []
    a_week: dict[tuple[str, int], int] = defaultdict(int)
    for dismissal in sorted(dismissals, key=lambda one: (one.made, one.id)):
        by = dismissers.get(dismissal.author)
        if by is None or by.weight <= 0:  # 1
            left_out[dismissal.peer or "", "dismissal.not-heard"] += 1
            continue
        if not dismissal.made <= now_us < min(dismissal.expires, dismissal.made + MAX_DAYS * _DAY):  # 2
            left_out[by.peer, "dismissal.not-in-force"] += 1
            continue
        if by.peer != OWN:
            if dismissal.fingerprint.shingles < MIN_SHARED_SHINGLES:  # 3
                left_out[by.peer, "dismissal.short"] += 1
                continue
            week = (by.organisation, dismissal.made // _WEEK)
            if a_week[week] >= MAX_A_WEEK:  # 4
                left_out[by.peer, "dismissal.flood"] += 1
                continue
            a_week[week] += 1
        counted.append(Voice(by, dismissal.fingerprint.signature))
    return Voices(counted, needed=needed, left_out=left_out)


def heard_again(warning: Warning, said: Voices, *, threshold: float, strong: float) -> Warning:
    """A quieted warning as it stands by the dismissals of now: open again when they do not quiet it any more.

    For one that is not found anew, because its events have left the window: a revocation reaches it all the same.
    """
    if warning.status is not WarningStatus.QUIETED or warning.signature is None:
        return warning
    heard = said.on(
        warning.signature,
        score=warning.score,
        threshold=threshold,
        strong=strong,
        hard=warning.kind is WarningKind.LOOK_BACK,
    )
    if heard.quiet:
        return warning
    kept = tuple(reason for reason in warning.reasons if not reason.code.startswith("dismissed."))
    reasons = (*kept, heard.reason) if heard.reason else kept
    return msgspec.structs.replace(warning, status=WarningStatus.OPEN, reasons=reasons)


def _names(peers: Sequence[str]) -> str:
    more = len(peers) - NAMES_SHOWN
    return ", ".join(peers[:NAMES_SHOWN]) + (f" + {more}" if more > 0 else "")
