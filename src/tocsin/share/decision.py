"""The decision of the one gate: what of these records may go to this peer, object by object, default deny.

Enters: records, and what is known of the peer they would go to. Leaves: a manifest of every record and field,
and the final bytes of what may go. Refuses: what a policy refuses, what is not on the closed table of its type,
what would point at something withheld; and stops all of it when the final bytes are not what was decided.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from tocsin.kernel import TLP, BadInput, Entry, Manifest, Origin, Peer, Record, Verdict
from tocsin.share.candidate import (
    KEPT,
    RULE_BACK,
    RULE_LABELS,
    RULE_NEEDED_WITHHELD,
    RULE_NOT_A_PARTY,
    RULE_NOT_OURS_TO_CHANGE,
    RULE_PERSONAL,
    RULE_SIGNATURE,
    RULE_TYPE,
    RULE_UNREADABLE,
    Candidate,
)
from tocsin.share.fields import CLAIMING, TABLES, may_leave
from tocsin.share.fields_agreed import among_parties
from tocsin.share.look import Look, Looks
from tocsin.share.mentions import Mentions, all_known, strings_of
from tocsin.share.promise import FinalChecks, Forbidden, Promise, Proofs
from tocsin.share.questions import Questions
from tocsin.share.sightings import refused_sighting
from tocsin.trust.policy import Policies
from tocsin.trust.signed_fields import narrow
from tocsin.trust.units import LISTS
from tocsin.wire.stix import canonical, marking_id, parse
from tocsin.wire.stix.labels import WELL_KNOWN, well_known

MAX_RELEASE_RECORDS = 10_000
"""Records in one release: a person reads the manifest."""


class Standing(msgspec.Struct, frozen=True):
    """How a peer stands with us when a release is decided.

    `given` are the STIX ids it gave to us, `released` those it was given by us; `mentionable` are indicators of
    others that their marking lets us name to it (`mentionable`); `sightings` were released to it in the last
    week. `now` and `sighting_delay` are in microseconds.
    """

    peer: Peer
    purpose: str
    now: int
    given: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    mentionable: frozenset[str] = frozenset()
    sightings: int = 0
    sighting_delay: int = 0
    party: str = ""
    """The peer as a red line between named parties names it; empty where its first key is not known."""


class Draft(msgspec.Struct, frozen=True):
    """A decided release: the manifest; by object id the final bytes, the version in microseconds, the marking."""

    manifest: Manifest
    final: dict[str, bytes]
    versions: dict[str, int]
    markings: dict[str, TLP]
    asks: tuple[str, ...] = ()
    """Policies that ask for two people."""

    @property
    def highest(self) -> TLP:
        """The most closed marking of what may leave."""
        return max(self.markings.values(), key=lambda tlp: tlp.rank, default=TLP.CLEAR)


def decide(
    policies: Policies,
    records: Sequence[Record],
    standing: Standing,
    forbidden: Forbidden,
    proofs: Proofs | None = None,
) -> Draft:
    """The manifest for these records, and the final bytes of those that may leave. Pure but for `forbidden`.

    1. The policies decide on each record's labels, read from its own bytes.
    2. Only properties on the closed table of its type stay; each other is withheld with a reason.
    3. What points at an object that the peer will not have is withheld, until nothing changes; a sighting of what
       the peer gave us waits for its time and its turn.
    4. Final bytes are made, parsed again, and checked against the decision.

    Raises BadInput for too many records or one id twice, ReleaseStopped when 4 finds a difference.
    """
    if len(records) > MAX_RELEASE_RECORDS:
        raise BadInput(f"a release holds at most {MAX_RELEASE_RECORDS} records: choose fewer")
    ordered = sorted(records, key=lambda record: (record.type, record.id))
    if len({record.id for record in ordered}) != len(ordered):
        raise BadInput("a release holds one version of each record")
    looks, proofs = Looks(), proofs or Proofs()
    seen = looks.all_at([record.stix for record in ordered])
    candidates = [_candidate(record, look, looks, proofs) for record, look in zip(ordered, seen, strict=True)]
    questions = Questions(policies, standing.peer, standing.purpose, standing.now)
    for candidate in candidates:
        _decide_labels(candidate, questions)  # 1
        if candidate.look is not None and candidate.look.kind:
            _keep_among_parties(candidate, candidate.look.kind, standing)
        _type_fields(candidate)  # 2
        if candidate.look and candidate.look.personal and not candidate.refused:
            _withhold_personal(candidate, looks)
    _settle_references(candidates, standing, looks.mentions)  # 3
    if _hold_sightings(candidates, standing):
        _settle_references(candidates, standing, looks.mentions)
    return _draft(candidates, policies, standing, FinalChecks(forbidden, looks, proofs))  # 4


def _decide_labels(candidate: Candidate, questions: Questions) -> None:
    record, look = candidate.record, candidate.look
    if candidate.refused or look is None:
        return
    if not _labels_agree(record, look):
        candidate.refuse(RULE_LABELS)
        return
    if record.origin is not Origin.OWN and record.root is None:
        candidate.refuse(RULE_NOT_OURS_TO_CHANGE)
        return
    if record.origin is not Origin.OWN and _is_back(record, questions.peer):
        candidate.refuse(RULE_BACK)
        return
    decision = questions.decide(record, look.conduct, look.handling, look.kind)
    candidate.rule = " ".join((*decision.rules, *decision.asks))
    candidate.asks = decision.asks
    if not decision.allowed:
        candidate.refuse(candidate.rule)


def _keep_among_parties(candidate: Candidate, kind: str, standing: Standing) -> None:
    if not among_parties(candidate.value, kind, standing.party):
        candidate.refuse(RULE_NOT_A_PARTY)


def _draft(
    candidates: Sequence[Candidate], policies: Policies, standing: Standing, checks: FinalChecks
) -> Draft:
    known = _known(standing) | _leaving(candidates)
    known_to_sightings = known | standing.mentionable
    leaving = [candidate for candidate in candidates if not candidate.refused]
    contents = [_final_bytes(candidate) for candidate in leaving]
    released = [_released(candidate, content) for candidate, content in zip(leaving, contents, strict=True)]
    promises = [
        _promise(candidate, entry, known_to_sightings if entry.type == "sighting" else known)
        for candidate, entry in zip(leaving, released, strict=True)
    ]
    checks.check_all(contents, promises)
    checks.finish()
    going = iter(released)
    entries = tuple(_refused(candidate) if candidate.refused else next(going) for candidate in candidates)
    manifest = Manifest(
        peer=standing.peer.name, purpose=standing.purpose, policy=policies.digest, entries=entries
    )
    digest = manifest_digest(manifest)
    manifest = msgspec.structs.replace(manifest, digest=digest)
    return Draft(
        manifest=manifest,
        final={entry.id: content for entry, content in zip(released, contents, strict=True)},
        versions={candidate.record.id: candidate.record.version for candidate in leaving},
        markings={candidate.record.id: candidate.record.tlp for candidate in leaving},
        asks=tuple(sorted({rule for candidate in leaving for rule in candidate.asks})),
    )


class _Undigested(msgspec.Struct, frozen=True):
    """A manifest as it is hashed: all of it but `digest`."""

    peer: str
    purpose: str
    policy: str
    entries: tuple[Entry, ...]


def manifest_digest(manifest: Manifest) -> str:
    """SHA-256 (hexadecimal) of the RFC 8785 form of a manifest without its `digest`."""
    plain = _Undigested(manifest.peer, manifest.purpose, manifest.policy, manifest.entries)
    content = _SORTED.encode(plain)
    if not content.isascii():  # names of properties may be anybody's: the slow way knows their order
        content = canonical(plain)
    return hashlib.sha256(content).hexdigest()


_SORTED = msgspec.json.Encoder(order="sorted")


def _candidate(record: Record, look: Look, looks: Looks, proofs: Proofs) -> Candidate:
    content, as_kept = record.stix, look.wrong is None
    if not as_kept:  # what somebody else wrote need not be canonical; what leaves is
        try:
            content = canonical(parse(record.stix))
        except BadInput:
            return _unreadable(record)
        look = looks.at(content)
    if look.unsound is not None or (look.type, look.id) != (record.type, record.id):
        return _unreadable(record)
    candidate = Candidate(record, look, content, dict.fromkeys(look.names, KEPT), look.mentions)
    candidate.as_kept = as_kept
    if record.root is not None and proofs.of(record.stix) != record.root:
        candidate.refuse(RULE_SIGNATURE)
    if not as_kept and record.origin is not Origin.OWN:
        candidate.refuse(RULE_NOT_OURS_TO_CHANGE)
    return candidate


def _unreadable(record: Record) -> Candidate:
    return Candidate(record, None, b"", {}, refused=RULE_UNREADABLE)


def _final_bytes(candidate: Candidate) -> bytes:
    """The bytes of what was decided. A record of which nothing was withheld leaves as it was kept.

    With what is withheld of a signed record goes its salt, and the author's signature stands.
    """
    if candidate.as_kept and candidate.whole:
        return candidate.record.stix
    if candidate.record.root is not None:
        return canonical(narrow(msgspec.json.decode(candidate.record.stix), candidate.value))
    return canonical(candidate.value)


def _is_back(record: Record, peer: Peer) -> bool:
    return record.peer == peer.name or record.author == peer.identity


def _labels_agree(record: Record, look: Look) -> bool:
    """Whether the bytes carry the marking, category, author and signature that the record was kept under, no others."""
    if (look.root is None) != (record.root is None):
        return False
    if look.author is not None and look.author != record.author:
        return False
    if record.type in CLAIMING and (look.conduct is None or look.conduct.category != record.category):
        return False
    if record.type == "marking-definition":
        return record.tlp is TLP.CLEAR
    return look.markings == (marking_id(record.tlp),) and not look.granular


def _type_fields(candidate: Candidate) -> None:
    """Keep what fits the closed table of the type."""
    if candidate.refused or candidate.look is None or candidate.look.misfit is None:
        return
    table = TABLES.get(candidate.record.type)
    if table is None or well_known(candidate.record.id) is not None:
        if may_leave(candidate.record.type, candidate.value) is not None:
            candidate.refuse(RULE_TYPE)
        return
    for name, inner in tuple(candidate.value.items()):
        shape = table.fields.get(name)
        if shape is None:
            candidate.withhold(name, "not on the table of what may leave")
        elif (wrong := shape(inner)) is not None:
            candidate.withhold(
                name, f"{wrong} is not of a form that may leave" if wrong else "not of its form"
            )
    wrong = table.lacks(candidate.value)
    if wrong is not None:
        candidate.refuse(f"{RULE_NEEDED_WITHHELD}: {wrong}")


def _withhold_personal(candidate: Candidate, looks: Looks) -> None:
    table = TABLES.get(candidate.record.type)
    for name, inner in tuple(candidate.value.items()):
        kinds = looks.findings.in_strings(strings_of({name: inner}))
        if kinds:
            rule = f"{RULE_PERSONAL}: {', '.join(sorted(kinds))}"
            if table is None or name in table.needed or candidate.record.origin is not Origin.OWN:
                candidate.refuse(rule)
            candidate.withhold(name, rule)
    candidate.mentions = looks.mentions.of(candidate.value)


def mentionable(record: Record, peer: Peer) -> bool:
    """Whether a sighting may name another author's indicator to this peer, as TLP 2.0 says of its marking.

    TLP:GREEN goes round the community, TLP:CLEAR to everybody. The name alone leaves, never the indicator.
    """
    return (
        record.type == "indicator"
        and record.origin is Origin.PEER
        and record.tlp.rank <= min(TLP.GREEN.rank, peer.ceiling.rank)
    )


def _known(standing: Standing) -> frozenset[str]:
    """The STIX ids that may stand in what leaves: those that everybody, or this peer, has."""
    return WELL_KNOWN | standing.given | standing.released


def _leaving(candidates: Sequence[Candidate]) -> frozenset[str]:
    return frozenset(candidate.record.id for candidate in candidates if not candidate.refused)


def _settle_references(candidates: Sequence[Candidate], standing: Standing, mentions: Mentions) -> None:
    """Withhold what names an object that the peer will not have. A refusal can cost another its reference."""
    known = _known(standing)
    leaving: frozenset[str] | None = None
    while (now_leaving := _leaving(candidates)) != leaving:
        leaving = now_leaving
        may_name = known | leaving
        in_sightings = may_name | standing.mentionable
        for candidate in candidates:
            known_here = in_sightings if candidate.record.type == "sighting" else may_name
            if not candidate.refused and not all_known(candidate.mentions, known_here):
                _withhold_dangling(candidate, known_here, mentions)


def _hold_sightings(candidates: Sequence[Candidate], standing: Standing) -> bool:
    """Hold back sightings of what others gave us until their time, and within the week's number; whether any."""
    held = False
    released = standing.sightings
    theirs = standing.given | standing.mentionable
    for candidate in candidates:
        if candidate.refused or candidate.look is None or candidate.look.sighting_of not in theirs:
            continue
        rule = refused_sighting(
            candidate.record, now=standing.now, delay=standing.sighting_delay, released=released
        )
        if rule is None:
            released += 1
        else:
            candidate.refuse(rule)
            held = True
    return held


def _withhold_dangling(candidate: Candidate, may_name: frozenset[str], mentions: Mentions) -> None:
    for name, inner in tuple(candidate.value.items()):
        if all_known(mentions.of({name: inner}), may_name):
            continue
        if name.endswith("_refs") and isinstance(inner, list):
            left = [one for one in inner if one in may_name]
            if left and (candidate.record.root is None or name in LISTS):
                candidate.value[name] = left
                whole = len(msgspec.json.decode(candidate.record.stix)[name])
                candidate.fields[name] = f"withheld: {whole - len(left)} of {whole} references"
                candidate.partial |= {name}
                continue
        candidate.withhold(name, "names an object that this peer will not have")
    candidate.mentions = mentions.of(candidate.value)


def _refused(candidate: Candidate) -> Entry:
    return Entry(
        id=candidate.record.id,
        type=candidate.record.type,
        version=candidate.look.version if candidate.look else "",
        verdict=Verdict.REFUSE,
        rule=candidate.refused,
        fields=candidate.fields,
        sha256="",
        size=0,
    )


def _released(candidate: Candidate, content: bytes) -> Entry:
    return Entry(
        id=candidate.record.id,
        type=candidate.record.type,
        version=candidate.look.version if candidate.look else "",
        verdict=Verdict.RELEASE,
        rule=candidate.rule,
        fields=candidate.fields,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


def _promise(candidate: Candidate, entry: Entry, may_name: frozenset[str]) -> Promise:
    look = candidate.look
    assert look is not None  # what could not be read was refused
    kept = (name for name, fate in entry.fields.items() if fate == KEPT)
    return Promise(
        id=entry.id,
        type=entry.type,
        version=entry.version,
        tlp=candidate.record.tlp,
        properties=look.properties if candidate.whole else frozenset(kept) | candidate.partial,
        may_name=may_name,
        sha256=entry.sha256,
        root=candidate.record.root,
    )
