"""From a reviewer's word to records: what is said of a confirmed warning, and what is not.

Enters: a warning, the review that decided it, and who speaks. Leaves: STIX records, ready for the gate. Never in
them: a text, an actor, a pseudonym, a sample, the reviewer's statement, or an exact count or hour. Peers read the
`basis`; the statement stays here.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, TypedDict

import msgspec

from tocsin.kernel import (
    TLP,
    BadInput,
    EvidenceStatus,
    Fingerprint,
    Origin,
    Record,
    Review,
    Warning,
    WarningKind,
    WarningStatus,
    micros,
)
from tocsin.share.sightings import K_ACTORS, start_of_day
from tocsin.taxonomy import category
from tocsin.wire.sigma import Rule, travel_form
from tocsin.wire.sketch import MIN_SHARED_SHINGLES
from tocsin.wire.stix import (
    Indicator,
    RuleExtension,
    StixObject,
    canonical,
    definition,
    fingerprint_pattern,
    make_campaign,
    make_dismissal,
    make_identity,
    make_indicator,
    make_relationship,
    make_report,
    make_rule,
    make_sighting,
    micros_of,
    parse,
    timestamp,
    version_of,
    view,
    wording,
)
from tocsin.wire.stix.extensions import EXTENSIONS, MAX_STATEMENT_CHARS
from tocsin.wire.stix.extensions import author as project
from tocsin.wire.stix.labels import conduct_of
from tocsin.wire.stix.objects import Identity

UNSTATED = "A reviewer of the author found it harmless."
_MILLISECOND = 1_000
_DAY = 86_400_000_000
INDICATOR_DAYS = 180
"""A fingerprint is looked for this long, unless its author says it again."""


class _Common(TypedDict):
    """What every object of one description shares."""

    author: str
    tlp: TLP
    created: int
    modified: int


class _Voice(msgspec.Struct, frozen=True):
    """Who speaks, about what, how marked, and when. Times in microseconds, whole milliseconds."""

    author: str
    tlp: TLP
    category: str
    warning: str
    created: int
    now: int

    def record(self, item: StixObject, *, tlp: TLP | None = None) -> Record:
        """One of our objects as a record."""
        conduct = conduct_of(item)
        return Record(
            id=item.id,
            type=item.type,
            version=micros_of(version_of(item)),
            stix=canonical(item),
            origin=Origin.OWN,
            author=self.author,
            tlp=tlp or self.tlp,
            category=conduct.category if conduct else self.category,
            added=self.now,
            warning=self.warning,
        )


def describe(
    warning: Warning,
    review: Review,
    *,
    author: str,
    name: str,
    tlp: TLP,
    now: datetime,
    identity: Record | None = None,
) -> tuple[Record, ...]:
    """A confirmed warning as records: identity, campaign, indicator, relationship, sighting, and a report over all.

    `author` is this node's STIX identity id, `name` what peers read; `identity` is the record that is kept of it,
    so that an unchanged one is not said again. Ids are the same whenever the same thing is described; a later
    `now` makes a later version. Without a fingerprint, or with one of a text below MIN_SHARED_SHINGLES, there is
    no indicator and the report says so; below K_ACTORS accounts there is no sighting.
    Raises BadInput when the review does not confirm, or its category is not conduct.
    """
    voice = _voice(warning, review, WarningStatus.CONFIRMED, author, tlp, now)
    if category(review.category) is None:
        raise BadInput("choose a category of conduct from the closed list")
    prints = _fingerprint(warning)
    basis = _stated(review.basis)
    if not basis:
        raise BadInput("name the basis for acting: peers take no claim without one")
    common = _Common(author=author, tlp=tlp, created=voice.created, modified=voice.now)
    # What singles the campaign out is what is shared of it: an id made of an event's would let others test guesses.
    key = fingerprint_pattern(prints) if prints else warning.id
    campaign = make_campaign(
        key,
        name=wording.campaign_name(review.category),
        category=review.category,
        risk=warning.risk,
        status=EvidenceStatus.OBSERVED,
        basis=basis,
        actors=warning.actors,
        events=warning.events,
        score_band=_band(warning),
        confidence=warning.confidence,
        first_seen=start_of_day(warning.first_seen),
        last_seen=start_of_day(warning.last_seen),
        **common,
    )
    said: list[StixObject] = [campaign]
    if prints:
        indicator = make_indicator(
            prints,
            category=review.category,
            status=EvidenceStatus.OBSERVED,
            basis=basis,
            confidence=warning.confidence,
            valid_until=voice.now + INDICATOR_DAYS * _DAY,
            **common,
        )
        said += [indicator, make_relationship("indicates", indicator.id, campaign.id, **common)]
    if warning.actors >= K_ACTORS:
        seen = said[1].id if prints else campaign.id
        said.append(make_sighting(seen, actors=warning.actors, events=warning.events, **common))
    report = make_report(
        key,
        name=wording.report_name(review.category),
        description=wording.REPORT if prints else wording.REPORT_TOO_SHORT,
        objects=[item.id for item in said],
        **common,
    )
    return (
        *_introduction(voice, name, identity),
        *(voice.record(item) for item in (*said, report)),
    )


def describe_dismissal(
    warning: Warning,
    review: Review,
    *,
    author: str,
    name: str,
    tlp: TLP,
    now: datetime,
    identity: Record | None = None,
    edition: int = 1,
) -> tuple[Record, ...]:
    """A dismissed warning as records: that this template was found harmless, until when, and on what ground.

    `edition` is one more than how often the dismissal of this template was revoked.

    Nothing when the warning has no fingerprint that may be shared. Raises BadInput when the review does not
    dismiss or does not end.
    """
    voice = _voice(warning, review, WarningStatus.DISMISSED, author, tlp, now)
    prints = _fingerprint(warning)
    if review.expires is None or review.expires <= voice.now:
        raise BadInput("a dismissal ends: give it a number of days")
    if prints is None:
        return ()
    benign = make_dismissal(
        prints,
        author=author,
        tlp=tlp,
        category=review.category,
        reason=_stated(review.basis) or UNSTATED,
        created=voice.created,
        modified=voice.now,
        expires=review.expires - review.expires % _MILLISECOND,
        edition=edition,
    )
    return (*_introduction(voice, name, identity), voice.record(benign))


def describe_rule(
    rule: Rule,
    *,
    author: str,
    name: str,
    tlp: TLP,
    status: EvidenceStatus,
    basis: str,
    now: datetime,
    identity: Record | None = None,
    before: Callable[[str], Record | None] = lambda _: None,
) -> tuple[Record, ...]:
    """A rule of this node as records, the indicator last; its text in the form in which rules travel.

    `before` gives the record that was said of it last: a later one begins when that began. Raises BadInput.
    """
    moment = micros(now)
    moment -= moment % _MILLISECOND
    voice = _Voice(author=author, tlp=tlp, category=rule.category, warning="", created=moment, now=moment)

    def said(created: int) -> StixObject:
        return make_rule(
            lambda identifier: travel_form(rule.text, identifier),
            key=rule.id,
            author=author,
            tlp=tlp,
            category=rule.category,
            status=status,
            basis=_stated(basis),
            created=created,
            modified=moment,
            valid_until=moment + INDICATOR_DAYS * _DAY,
        )

    last = before(said(moment).id)
    created = moment if last is None else micros_of(msgspec.json.decode(last.stix)["created"])
    record = msgspec.structs.replace(voice.record(said(created)), warning=None)
    return (
        *_introduction(voice, name, identity),
        _definition_record(definition(RuleExtension), voice),
        record,
    )


def revoked(dismissal: Record, *, now: datetime) -> Record:
    """A dismissal's last version: its author takes it back. Raises BadInput when the record is no indicator."""
    item = view(parse(dismissal.stix))
    if not isinstance(item, Indicator):
        raise BadInput("only a dismissal is taken back here")
    moment = max(micros(now), dismissal.version + _MILLISECOND)
    moment -= moment % _MILLISECOND
    last = msgspec.structs.replace(item, revoked=True, modified=timestamp(moment))
    return msgspec.structs.replace(dismissal, version=moment, stix=canonical(last), added=micros(now))


def sighting_of(
    indicator: Record, warning: Warning, review: Review, *, author: str, tlp: TLP, now: datetime
) -> Record | None:
    """That a peer's indicator was seen here, in ranges; None below K_ACTORS accounts.

    Only a local reviewer's confirmation makes one (raises BadInput otherwise). It goes to that peer by the gate,
    which also holds it back for its time and counts it.
    """
    voice = _voice(warning, review, WarningStatus.CONFIRMED, author, tlp, now)
    if warning.actors < K_ACTORS:
        return None
    seen = make_sighting(
        indicator.id,
        author=author,
        tlp=tlp,
        actors=warning.actors,
        events=warning.events,
        # the day and no more: the moment of an alarm tells what a reviewer was looking at
        created=start_of_day(voice.created),
        modified=start_of_day(voice.now),
    )
    return voice.record(seen)


def introduction(
    *, author: str, name: str, now: datetime, identity: Record | None = None
) -> tuple[Record, ...]:
    """Who speaks, for a record that stands alone; the identity only when it is not kept (`identity`) or changed."""
    moment = micros(now)
    moment -= moment % _MILLISECOND
    voice = _Voice(author=author, tlp=TLP.CLEAR, category="", warning="", created=moment, now=moment)
    return tuple(_introduction(voice, name, identity))


def _voice(
    warning: Warning, review: Review, verdict: WarningStatus, author: str, tlp: TLP, now: datetime
) -> _Voice:
    if warning.kind is WarningKind.SESSION:
        raise BadInput("what builds up in a conversation stays on this node: no record says it")
    if review.warning != warning.id or review.verdict is not verdict:
        raise BadInput(f"only a review that says {verdict.value} of this very warning makes such records")
    moment = max(micros(now), review.at)
    return _Voice(
        author=author,
        tlp=tlp,
        category=review.category,
        warning=warning.id,
        created=review.at - review.at % _MILLISECOND,
        now=moment - moment % _MILLISECOND,
    )


def _introduction(voice: _Voice, name: str, kept: Record | None) -> Iterable[Record]:
    """Who speaks, and the definitions of the extensions used; the identity only when it has changed."""
    name = " ".join(name.split())
    current = make_identity(voice.author, name, at=voice.now)
    if kept is None or _name(kept) != name:
        yield voice.record(current, tlp=TLP.CLEAR)
    for item in (project(), *(definition(kind) for kind in EXTENSIONS)):
        yield _definition_record(item, voice)


def _definition_record(item: StixObject, voice: _Voice) -> Record:
    return msgspec.structs.replace(voice.record(item, tlp=TLP.CLEAR), author=project().id, warning=None)


def _name(kept: Record) -> str:
    return msgspec.json.decode(kept.stix, type=Identity).name


def _fingerprint(warning: Warning) -> Fingerprint | None:
    if warning.signature is None or warning.shingle_count < MIN_SHARED_SHINGLES:
        return None
    return Fingerprint(signature=warning.signature, shingles=warning.shingle_count)


def _stated(basis: str) -> str:
    words = " ".join(basis.split())
    return words if len(words) <= MAX_STATEMENT_CHARS else words[: MAX_STATEMENT_CHARS - 1].rstrip() + "…"


def _band(warning: Warning) -> Literal["low", "medium", "high"]:
    """How far the score is above the threshold, in three steps: the score itself would tell how to stay below."""
    over = warning.score - warning.threshold
    if over < warning.threshold / 2:
        return "low"
    return "medium" if over < warning.threshold else "high"
