"""What this node would add to a private sum: groups that do not ring here, as keys with counts; and what a sum says.

Enters: the window, dismissals, exclusions, and the present. Leaves: candidates, each with its keys and the warning that
it becomes if the bit comes back (docs/sums.md). Refuses: what somebody dismissed, what an exclusion list holds, what is
about a refused subject, a text short enough to be guessed, and more than KEYS_AN_ACTOR keys for one account.
"""

from collections import Counter
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.correlate.campaigns import typical_text
from tocsin.correlate.counted import weigh_counts
from tocsin.correlate.describing import category_of, describe
from tocsin.correlate.dismissals import HARD_EVIDENCE, SILENCE, Voices
from tocsin.correlate.evidence import FULL_FOCUS, Evidence, by_text, corroboration, weigh
from tocsin.correlate.exclusions import NONE, Exclusions
from tocsin.correlate.groups import DAY_US, Group, Ledger, densest
from tocsin.correlate.settings import DEFAULT_SETTINGS, MIN_ACTORS, CampaignSettings
from tocsin.correlate.survey import I64, Survey, by_time, survey
from tocsin.correlate.window import View, Window
from tocsin.kernel import Reason, Warning, WarningKind
from tocsin.kernel.sums import COMPONENTS, KEYS_AN_ACTOR, KINDS_SHARED, Component, CountVector
from tocsin.taxonomy import category as conduct
from tocsin.taxonomy import refused_subject
from tocsin.wire.sketch import MIN_SHARED_SHINGLES, SLOTS, U32
from tocsin.wire.sketch import bands as bands_of

LEAST_RAISED = 2
"""Accounts from which a group may be raised: one alone is a person."""

MAX_IDENTIFIER_KEYS = 2
"""Of an account's KEYS_AN_ACTOR keys identifiers; the others are bands of the text."""

MAX_KEYS = 256
"""Of a look: a node raises about one harmless text a day (the study), so a window of two weeks stays far below."""

BANDS, BAND_ROWS = 16, 4
"""Of the signature, as private matching takes them (`trust.matching.kinds`)."""

MAX_VOTING = 32
"""Texts of a group whose signatures are read for the one that they have in common."""

COMPONENT_OF = {
    "payment": Component.PAYMENT,
    "wallet": Component.PAYMENT,
    "device": Component.DEVICE,
    "email": Component.EMAIL,
    "phone": Component.EMAIL,
    "invitation": Component.INVITATION,
    "domain": Component.DOMAIN,
    "address-prefix": Component.DOMAIN,
}
"""Types that the evidence weighs alike count in one place."""

CONDUCT = (Component.PAYMENT, Component.DEVICE, Component.EMAIL)
"""Identifiers that speak of conduct: a group is found by them too, and not by what any crowd shares."""


class Shown(msgspec.Struct, frozen=True):
    """An identifier that a group shares, not what it reads: its type, and an event in which it is the only one of it.

    The machine opens that event when the identifier is sent.
    """

    type: str
    event: str


class Candidate(msgspec.Struct, frozen=True):
    """A group to raise: its counts, one identifier for each of KINDS_SHARED, and the keys by which others may find it.

    `bands` are what nodes write alike of its text; `keyed` are the kinds whose identifier is a key as well. `warning`
    is what becomes of it if the bit comes: with this node's own evidence, and none of anybody else's.
    """

    warning: Warning
    counts: CountVector
    identifiers: tuple[Shown | None, ...]
    bands: tuple[bytes, ...] = ()
    keyed: tuple[int, ...] = ()


class _Weighed(NamedTuple):
    group: Group
    evidence: Evidence
    cluster: int


def score(total: CountVector) -> float:
    """What `weigh` says of a sum, by what is usual at a node (`counted.USUAL`); -inf where accounts are too few."""
    if total.counts[Component.ACTORS] < MIN_ACTORS:
        return -inf
    return weigh_counts(_possible(total))[0]


def _possible(total: CountVector) -> list[int]:
    """Counts of which no part is larger than its whole, as those of accounts are; a liar's or a noisy sum's may be."""
    told = list(total.counts)
    for part, whole in (
        (Component.NEW, Component.KNOWN),
        (Component.DEVOTED, Component.BUSY),
        (Component.TOGETHER, Component.KNOWN),
    ):
        told[part] = min(told[part], told[whole])
    return told


def counts_of(group: Group, ledger: Ledger) -> tuple[CountVector, dict[Component, int]]:
    """What is counted of a group, and for each type which identifier (as in `View.tag`) the count is of."""
    counts = [0] * COMPONENTS
    together, known, _, _ = ledger.made_together(group)
    for component, number in (
        (Component.ACTORS, len(group.actors)),
        (Component.KNOWN, known),
        (Component.NEW, np.count_nonzero(group.is_new)),
        (Component.BUSY, np.count_nonzero(ledger.busy[group.actors])),
        (Component.DEVOTED, np.count_nonzero(group.is_devoted)),
        (Component.FLAGGED, np.count_nonzero(group.is_flagged)),
        (Component.EVADING, np.count_nonzero(group.is_evading)),
        (Component.TOGETHER, max(together - 1, 0)),
        (Component.WITHIN, group.within_an_hour - 1),
    ):
        counts[component] = int(number)
    of_texts = by_text(group, ledger)
    tags: dict[Component, int] = {}
    places: dict[Component, tuple[int, int]] = {}
    for tag, shared in ledger.shared_tags(group):
        component_of = COMPONENT_OF.get(shared.kind)
        # A company's card, a school's computer: used for everything, it says nothing of this text.
        if component_of is None or shared.focus < FULL_FOCUS:
            continue
        place = (-shared.having, shared.everywhere)
        if component_of not in places or place < places[component_of]:
            places[component_of] = place
            counts[component_of] = int(shared.having * of_texts)
            tags[component_of] = tag
    return CountVector(tuple(counts)), tags


def candidates(
    window: Window,
    *,
    now_us: int,
    dismissals: Voices = SILENCE,
    settings: CampaignSettings = DEFAULT_SETTINGS,
    confirmed: Sequence[bytes] = (),
    exclusions: Exclusions = NONE,
) -> tuple[Candidate, ...]:
    """What this node would raise, the strongest first.

    1. At least LEAST_RAISED accounts and evidence of the floor; and it does not ring here by itself.
    2. Nothing of it is about a refused subject, its conduct is on the closed list, no exclusion list holds its text.
    3. No reviewer here dismissed it, nor peers whose dismissals would quiet it.
    4. Each account counts in KEYS_AN_ACTOR keys at most, those of the strongest groups; a key is raised when
       the accounts that still count in it are enough, and their evidence reaches the floor.
    """
    since = now_us - settings.look_back_days * DAY_US
    seen = survey(window, since=since, until=now_us + 1, confirmed=confirmed)
    weighed = _weighed(seen, settings)
    used = np.zeros(len(seen.view.created), np.int64)
    taken: set[bytes | int] = set()
    found: list[Candidate] = []
    keys = 0
    for one in weighed:
        text = typical_text(seen, one.cluster, one.group)
        signature = common_signature(seen, one.group.rows, text)
        if _refused(seen.view, one.group.rows, signature, exclusions):  # 2
            continue
        if _dismissed(seen, one, signature, dismissals, settings):  # 3
            continue
        raised = _raised(seen, one, text, signature, used, taken, settings)  # 4
        if raised is None:
            continue
        keys += len(raised.bands) + len(raised.keyed)
        if keys > MAX_KEYS:
            break
        found.append(raised)
    return tuple(found)


def _weighed(seen: Survey, settings: CampaignSettings) -> list[_Weighed]:
    view, found = seen.view, []
    repeated = seen.repeated.used_by(LEAST_RAISED)
    for cluster, whole in repeated.each(np.ones(len(repeated.clusters), np.bool_)):
        rows = whole[densest(view.time[whole], view.actor[whole], settings.window_days * DAY_US)]
        group = seen.ledger.group(rows, frozenset((cluster,)))
        if len(group.actors) < LEAST_RAISED:
            continue
        evidence = weigh(group, seen.ledger)
        alone = evidence.score >= settings.threshold and len(group.actors) >= settings.min_actors
        if evidence.score >= settings.floor and not alone:  # 1
            found.append(_Weighed(group._replace(rows=by_time(view, rows)), evidence, cluster))
    return sorted(found, key=lambda one: (-one.evidence.score, int(one.group.rows[0])))


def common_signature(seen: Survey, rows: I64, typical: int) -> U32:
    """The signature that the texts of some rows have in common: in each slot what most of them have.

    Copies are reworded, each elsewhere: what most have is what the original had, so that two nodes with other copies
    come to the same. Where no two agree, the typical text decides.
    """
    used = seen.view.text[rows]
    texts = used[np.sort(np.unique(used, return_index=True)[1])][:MAX_VOTING]
    signatures = np.stack([seen.view.texts.sketch(int(text)).signature for text in texts])
    common = seen.view.texts.sketch(typical).signature.copy()
    for slot in range(SLOTS):
        value, votes = Counter(signatures[:, slot].tolist()).most_common(1)[0]
        if votes > 1:
            common[slot] = value
    return common


def _refused(view: View, rows: I64, signature: U32, exclusions: Exclusions) -> bool:
    at = np.isin(view.signal_row, rows)
    said = {view.rules[rule].category for rule in np.unique(view.signal[at]).tolist()}
    if any(refused_subject(name) is not None for name in said):
        return True
    if conduct(category_of(view, rows)) is None:
        return True
    return exclusions.of_fingerprint(signature.astype("<u4").tobytes()) is not None


def _dismissed(
    seen: Survey, one: _Weighed, signature: U32, dismissals: Voices, settings: CampaignSettings
) -> bool:
    heard = dismissals.on(
        signature,
        # Strong evidence of a few accounts is no reason to tell of what a reviewer here found harmless.
        score=min(one.evidence.score, settings.strong - 0.001),
        threshold=settings.threshold,
        strong=settings.strong,
        hard=corroboration(one.group, seen.ledger, one.evidence) >= HARD_EVIDENCE,
    )
    return heard.quiet


def _raised(
    seen: Survey,
    one: _Weighed,
    text: int,
    signature: U32,
    used: npt.NDArray[np.int64],
    taken: set[bytes | int],
    settings: CampaignSettings,
) -> Candidate | None:
    """A group as it is raised, with the keys that are left to its accounts; None where too little is left."""
    ledger, view, group = seen.ledger, seen.view, one.group
    actors = group.actors[used[group.actors] < KEYS_AN_ACTOR]
    if len(actors) < LEAST_RAISED:
        return None
    if len(actors) < len(group.actors):
        group = ledger.group(group.rows[np.isin(view.actor[group.rows], actors)], group.clusters)
        if weigh(group, ledger).score < settings.floor:
            return None
    counts, tags = counts_of(group, ledger)
    left = KEYS_AN_ACTOR - int(used[actors].max())
    shown: list[Shown | None] = [None] * len(KINDS_SHARED)
    keyed: list[int] = []
    for component, tag in sorted(tags.items()):
        event = _only_in(view, tag)
        if event is None:
            continue
        at = component - Component.PAYMENT
        shown[at] = Shown(view.types[view.type_of_tag[tag]], event)
        if component in CONDUCT and tag not in taken and len(keyed) < min(MAX_IDENTIFIER_KEYS, left):
            taken.add(tag)
            keyed.append(at)
    bands: list[bytes] = []
    if view.texts.sketch(text).shingles >= MIN_SHARED_SHINGLES:
        for index, value in enumerate(bands_of(signature[None, :], BANDS, BAND_ROWS)[0].tolist()):
            band = bytes([index]) + value.to_bytes(8)
            if len(keyed) + len(bands) < left and band not in taken:
                taken.add(band)
                bands.append(band)
    if not keyed and not bands:
        return None
    used[actors] += len(keyed) + len(bands)
    warning = _warning(seen, one, text, signature, settings)
    return Candidate(warning, counts.clipped(), tuple(shown), tuple(bands), tuple(keyed))


def _only_in(view: View, tag: int) -> str | None:
    """An event in which an identifier is the only one of its type; None where it never stands alone."""
    kind = view.type_of_tag[tag]
    rows = view.tag_row[view.tag == tag]
    for row in rows[:MAX_VOTING].tolist():
        beside = view.tag[np.searchsorted(view.tag_row, row) : np.searchsorted(view.tag_row, row, "right")]
        if np.count_nonzero(view.type_of_tag[np.unique(beside)] == kind) == 1:
            return view.ids(np.array([row]))[0]
    return None


def _warning(seen: Survey, one: _Weighed, text: int, signature: U32, settings: CampaignSettings) -> Warning:
    group = one.group
    warning = describe(
        WarningKind.SUM,
        seen,
        group,
        one.evidence,
        Reason("sum.own", {"actors": len(group.actors), "events": len(group.rows)}),
        signature=signature,
        shingles=seen.view.texts.sketch(text).shingles,
        settings=settings,
    )
    return msgspec.structs.replace(
        warning,
        threshold=settings.floor,
        refutations=(Reason("refute.sum-wrong"), *warning.refutations),
    )
