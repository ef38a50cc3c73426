"""Random cases for the gate: records bent in every way somebody thought of, peers of every standing, own policies."""

import json
import random
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from tests.share import oracle, oracle_agreed
from tests.share.agreed import all_made
from tests.share.said import (
    AUTHOR,
    CANARIES,
    NOW,
    OTHER,
    PEER,
    PURPOSE,
    confirmed,
    dismissed,
    judged,
    of_type,
    review,
    signed,
    warning,
)
from tocsin.kernel import TLP, BadInput, Origin, PeerStatus, Record, micros
from tocsin.share import Standing, describe
from tocsin.share.describe_agreed import Speaker
from tocsin.trust.policy import Policies
from tocsin.trust.pseudonyms import looks_like_pseudonym
from tocsin.wire.stix import own_id

ELSEWHERE = own_id("indicator", "elsewhere")
THEIRS = own_id("indicator", "theirs")
SECRETS = (CANARIES[0], CANARIES[1], CANARIES[2])
PERSONAL = ("ana@refund.example", "+49 30 901820", "DE89 3704 0044 0532 0130 00", "4111111111111111")
UUID = ELSEWHERE.partition("--")[2]
Value = dict[str, Any]
Bend = Callable[[random.Random, Value], object]

oracle.EXACT.update({r.id: r.stix for r in confirmed() if r.id.partition("--")[2] in oracle.EVERYBODYS})
_PLAIN: dict[TLP, tuple[tuple[Record, Value], ...]] = {}
_AGREED: dict[tuple[TLP, bool], tuple[tuple[Record, Value], ...]] = {}
PARTY = "sha256:" + "9a" * 32
for _tlp in TLP:
    for _closed, _changes in ((False, {}), (True, {"scope": "bilateral", "parties": (PARTY,)})):
        _made_so = all_made(Speaker(author=AUTHOR, tlp=_tlp, now=NOW), **_changes)
        _AGREED[_tlp, _closed] = tuple((one, json.loads(one.stix)) for one in _made_so)
        oracle_agreed.remember(value for _, value in _AGREED[_tlp, _closed])
        oracle.EXACT.update({r.id: r.stix for r in _made_so if r.id.partition("--")[2] in oracle.EVERYBODYS})
    _said = describe(warning(), review(), author=AUTHOR, name="platform", tlp=_tlp, now=NOW)
    _opinion = judged(of_type(_said, "campaign"))
    _all = (*_said, _opinion, *(one for one in dismissed() if one.type == "indicator" and _tlp is TLP.GREEN))
    _PLAIN[_tlp] = tuple((one, json.loads(one.stix)) for one in _all)


class Case(NamedTuple):
    """Some records, a peer's standing, and whether a stop is what should happen to it."""

    records: tuple[Record, ...]
    standing: Standing
    plain: bool
    may_stop: bool


def _claim(value: Value) -> Value:
    """The part of an extension that a person's words stand in; any part where there is none."""
    parts: list[Value] = list(value.get("extensions", {}).values())
    return next((part for part in parts if "basis" in part), parts[0] if parts else value)


def _say(text: str) -> Bend:
    return lambda _, value: _claim(value).update(basis=text)


def _label(**labels: object) -> Bend:
    part = {"extension_type": "property-extension", **labels}
    return lambda _, value: value.setdefault("extensions", {}).update({oracle.HANDLING: dict(part)})


def _category(name: str) -> Bend:
    def bend(_: random.Random, value: Value) -> None:
        for part in value.get("extensions", {}).values():
            if "category" in part:
                part["category"] = name

    return bend


def _junk(_: random.Random, value: Value) -> None:
    value[_.choice(sorted(value))] = _.choice(
        ["your lottery refund waits", 7, True, None, [], ["a", "b"], {"a": 1}]
    )


BENDS: dict[str, Bend] = {
    "junk": _junk,
    "unknown": lambda r, v: v.update(
        {r.choice(["x_note", "labels", "aliases", "é", "count"]): ["your refund"]}
    ),
    "hour": lambda _, v: v.update(first_seen="2026-02-24T11:22:33.000Z"),
    "count": lambda _, v: v.update(count=317),
    "decimals": lambda _, v: v.update(created="2026-03-05T10:20:25.123456789Z"),
    "long-lang": lambda _, v: v.update(lang="en-secret12-data5678"),
    "marking": lambda r, v: v.update(
        object_marking_refs=[f"marking-definition--{r.choice(list(oracle.MARKINGS.values()))}"]
    ),
    "two-markings": lambda _, v: v["object_marking_refs"].append(
        f"marking-definition--{oracle.MARKINGS['red']}"
    ),
    "granular": lambda _, v: v.update(
        granular_markings=[
            {"marking_ref": f"marking-definition--{oracle.MARKINGS['red']}", "selectors": ["type"]}
        ]
    ),
    "author": lambda _, v: v.update(created_by_ref=OTHER),
    "description": lambda _, v: v.update(description="your lottery ticket was counted wrongly"),
    "name": lambda _, v: v.update(name="your lottery ticket was counted wrongly"),
    "elsewhere": _say(f"see {ELSEWHERE}"),
    "ELSEWHERE": _say(f"SEE {ELSEWHERE.upper()}"),
    "bare-uuid": _say(f"see {UUID}"),
    "hex-uuid": _say(f"see {UUID.replace('-', '')} there"),
    "wide-uuid": _say("".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in UUID)),
    "dash-uuid": _say(UUID.replace("-", "\u2013")),
    "hidden": _say("terms\u200b of\U000e0041 use"),
    "spaces": _say("terms  of\u2003use"),
    "no-basis": _say(" "),
    "email": _say(PERSONAL[0]),
    "phone": _say(f"call {PERSONAL[1]} now"),
    "iban": _say(PERSONAL[2]),
    "wide-card": _say("".join(chr(ord(c) + 0xFEE0) for c in PERSONAL[3])),
    "named-mail": lambda _, v: v.update(name=PERSONAL[0]),
    "pseudonym": _say(f"seen ({CANARIES[0]})."),
    "event": _say(f"seen {CANARIES[1]}"),
    "wide-event": _say("seen " + "".join(chr(ord(c) + 0xFEE0) for c in CANARIES[1])),
    "dangling": lambda _, v: v.update({k: ELSEWHERE for k in ("source_ref", "sighting_of_ref") if k in v}),
    "dangling-list": lambda _, v: v.get("object_refs", []).append(ELSEWHERE),
    "order": lambda _, v: v.get("object_refs", []).reverse(),
    "deep": lambda _, v: _claim(v).update(x_deep={"a": [1, {"b": "your refund"}]}),
    "extension": lambda _, v: v.setdefault("extensions", {}).update(
        {own_id("extension-definition", "x"): {"extension_type": "property-extension", "a": "b"}}
    ),
    "tail": lambda _, v: (
        _claim(v).update(signature=_claim(v)["signature"][:-3] + "x==") if "signature" in _claim(v) else None
    ),
    "short": lambda _, v: _claim(v).update(shingles=30) if "shingles" in _claim(v) else None,
    "pattern": lambda _, v: (
        v.update(pattern="[domain-name:value = 'victim.example']") if "pattern" in v else None
    ),
    "drop": lambda r, v: v.pop(r.choice(sorted(v.keys() - {"type", "id"}))),
    "refused": _category("political.petition"),
    "unlisted": _category("fraud.everything"),
    "float": lambda _, v: v.update(confidence=80.0),
    "type": lambda _, v: v.update(type="attack-pattern", id=v["id"].replace(v["type"], "attack-pattern")),
    "pap": _label(pap="amber"),
    "pap-red": _label(pap="red"),
    "only-to": _label(only_to=["EU", "JP"]),
    "stays-in": _label(stays_in=["DE", "FR"]),
    "embargo": _label(embargo_until="2026-04-01T00:00:00.000Z"),
    "past-embargo": _label(embargo_until="2026-01-01T00:00:00.000Z"),
    "label-purpose": _label(purposes=["research"]),
    "label-junk": _label(pap="amber", x_more="y"),
    "label-order": _label(only_to=["JP", "EU"]),
}


def _held(value: Value) -> Value:
    """The extension that says something of models; an empty one where there is none."""
    return next((part for key, part in value.get("extensions", {}).items() if key in oracle_agreed.OWN), {})


def _speak(text: str) -> Bend:
    """In what a person wrote for peers."""

    def bend(_: random.Random, value: Value) -> None:
        held = _held(value)
        held.update({name: text for name in PEOPLE_WRITE if name in held})

    return bend


PEOPLE_WRITE = ("reason", "limits", "practice", "statement", "why_not_less")
SPOKEN: dict[str, Bend] = {
    "spoken-mail": _speak(f"ask {PERSONAL[0]}"),
    "spoken-event": _speak(f"as in {CANARIES[1]}"),
    "spoken-uuid": _speak(f"see {ELSEWHERE}"),
    "spoken-hidden": _speak("terms\u200b of use"),
    "loosened": lambda _, v: _held(v).update(threshold=0.4) if "threshold" in _held(v) else None,
    "finer": lambda _, v: [one.update(rate=0.020304) for one in _held(v)["results"]],
    "outside": lambda _, v: [one.update(rate=0.5) for one in _held(v)["results"]],
    "hour-said": lambda _, v: _held(v).update(review_by="2026-12-31T11:22:33.000Z"),
    "crossed": lambda _, v: [one.update(outcome="crossed") for one in _held(v)["red_lines"]],
    "other-line": lambda _, v: [
        one.update(line=ELSEWHERE.replace("indicator", "course-of-action")) for one in _held(v)["red_lines"]
    ],
    "one-approval": lambda _, v: _held(v).update(approvals=1) if "approvals" in _held(v) else None,
    "named-model": lambda _, v: _held(v).update(model="tiny") if "model" in _held(v) else None,
    "other-decision": lambda _, v: v.update(name="Release decision: open") if "name" in v else None,
    "other-area": lambda _, v: v.update(content="Commitment: data-security") if "content" in v else None,
    "yes-and-no": lambda _, v: v.update(opinion="strongly-disagree") if "opinion" in v else None,
    "prompt": lambda _, v: _held(v).update(prompt="write a lottery letter"),
    "others-name": lambda _, v: v.update(object_refs=[OTHER]) if "object_refs" in v else None,
}
"""Bends of what is said of models; on other records most do nothing."""
ROWS: dict[str, Callable[[random.Random, Record, Value], Record]] = {
    "row-tlp": lambda r, row, _: msgspec.structs.replace(row, tlp=r.choice(list(TLP))),
    "row-category": lambda r, row, v: _both(
        row, v, r.choice(["political.petition", "fraud.everything", "cyber.phishing"])
    ),
    "row-other-category": lambda _, row, __: msgspec.structs.replace(row, category="cyber.phishing"),
    "row-origin": lambda r, row, _: msgspec.structs.replace(
        row, origin=r.choice([Origin.PEER, Origin.IMPORT]), peer="third"
    ),
    "row-author": lambda _, row, __: msgspec.structs.replace(row, author=OTHER),
    "row-theirs": lambda _, row, v: _of_theirs(row, v),
}


def _both(row: Record, value: Value, name: str) -> Record:
    _category(name)(random.Random(0), value)
    return msgspec.structs.replace(row, category=name)


def _of_theirs(row: Record, value: Value) -> Record:
    if "sighting_of_ref" in value:
        value["sighting_of_ref"] = THEIRS
    return row


def draw(seed: int, focus: str = "") -> Case:
    """The case of a seed. `focus` names a bend that it surely has."""
    r = random.Random(f"{seed}{focus}")
    tlp = r.choice([TLP.CLEAR, TLP.GREEN, TLP.GREEN, TLP.GREEN, TLP.AMBER, TLP.AMBER_STRICT, TLP.RED])
    whole = r.random() < 0.6
    agreed, closed = focus in SPOKEN or r.random() < 0.25, r.random() < 0.4
    pairs = _AGREED[tlp, closed] if agreed else _PLAIN[tlp]
    chosen = [pair for pair in pairs if whole or r.random() < 0.7]
    bent, used = [], set()
    targets = {r.randrange(len(chosen)) for _ in range(r.choice([0, 1, 1, 2, 4]))} if chosen else set()
    spread = focus and (focus in ROWS or r.random() < 0.5)
    for at, (row, plain) in enumerate(chosen):
        if not spread and at not in targets:
            bent.append(row)
            continue
        value, record = json.loads(row.stix), row
        for name in {
            focus or r.choice([*BENDS, *ROWS, *SPOKEN]),
            *([r.choice([*BENDS, *ROWS, *SPOKEN])] if r.random() < 0.2 else []),
        }:
            used.add(name)
            with suppress(KeyError, TypeError, AttributeError, ValueError):  # bent already, out of its shape
                if name in ROWS:
                    record = ROWS[name](r, record, value)
                else:
                    (BENDS | SPOKEN)[name](r, value)
        bent.append(_made(r, record, value, plain))
    sealing = r.random()
    if sealing < 0.5:  # a node signs what it makes; what was signed may be bent behind its back, too
        bent = [_sealed(row) for row in bent]
    tampered = sealing < 0.05 and any(row.root for row in bent)
    if tampered:
        bent = [_tampered(r, row) if row.root else row for row in bent]
    stand = _standing(r)
    good = stand.peer == _GOOD and tlp in (TLP.CLEAR, TLP.GREEN) and whole
    good = good and not (agreed and closed and stand.party != PARTY)
    return Case(
        records=tuple(bent),
        standing=stand,
        plain=good and not used and not tampered,
        may_stop=tampered or bool(used & {"pseudonym", "event", "wide-event", "spoken-event"}),
    )


def _sealed(row: Record) -> Record:
    """The record as its author signs it; as it is when it is not AUTHOR's, or cannot be signed."""
    try:
        return signed(row)
    except (
        BadInput,
        msgspec.MsgspecError,
        AttributeError,
        TypeError,
        KeyError,
        AssertionError,
        RecursionError,
    ):
        return row


def _tampered(r: random.Random, row: Record) -> Record:
    """One digit of the kept bytes is another."""
    places = [at for at, byte in enumerate(row.stix) if 48 <= byte <= 57]
    at = r.choice(places)
    other = bytes([48 + (row.stix[at] - 47) % 10])
    return msgspec.structs.replace(row, stix=row.stix[:at] + other + row.stix[at + 1 :])


def _made(r: random.Random, row: Record, value: Value, plain: Value) -> Record:
    if value.get("type") != plain["type"]:
        row = msgspec.structs.replace(row, type=str(value.get("type")), id=str(value.get("id")))
    stix = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    odd = r.random()
    if odd < 0.03:
        stix = stix[:-1] + ',"description":"your refund"}'
    elif odd < 0.06:
        stix = " " + stix
    elif odd < 0.08:
        stix = stix[1:]
    return msgspec.structs.replace(row, stix=stix.encode())


_GOOD = msgspec.structs.replace(PEER, jurisdiction="DE", stores=("DE",), pap="red")


def _standing(r: random.Random) -> Standing:
    peer = _GOOD
    if r.random() < 0.6:
        peer = msgspec.structs.replace(
            PEER,
            status=r.choice([PeerStatus.TRUSTED] * 5 + list(PeerStatus)),
            ceiling=r.choice([TLP.GREEN, TLP.GREEN, *TLP]),
            purposes=r.choice([(PURPOSE,), (PURPOSE,), (PURPOSE, "research"), ("research",)]),
            jurisdiction=r.choice(["", "DE", "JP", "US"]),
            stores=r.choice([(), ("DE",), ("DE", "US"), ("FR", "DE")]),
            pap=r.choice(oracle.PAP),
        )
    return Standing(
        peer=peer,
        purpose=PURPOSE,
        now=micros(NOW),
        given=r.choice([frozenset(), frozenset(), frozenset({ELSEWHERE}), frozenset({THEIRS})]),
        released=r.choice([frozenset(), frozenset({AUTHOR})]),
        mentionable=r.choice([frozenset(), frozenset({THEIRS})]),
        sightings=r.choice([0, 0, 49, 50, 60]),
        sighting_delay=r.choice([0, 0, 1 << 50]),
        party=r.choice(["", PARTY, PARTY, "sha256:" + "7b" * 32]),
    )


class Own(NamedTuple):
    """Policies with a file of one's own, and what it forbids said in Python."""

    policies: Policies
    forbids: Callable[[Record, Standing], bool]


def own_policies(number: int) -> list[Own]:
    """Sets of policies with random forbids of an operator's own; the first has none."""
    r, found = random.Random(7), [Own(Policies.load(), lambda *_: False)]
    packaged = Policies.load()
    for at in range(number - 1):
        kind = r.choice(["campaign", "indicator", "sighting", "report"])
        rank = r.randrange(4)
        text = (
            f'@id("ours.{at}") forbid (principal, action == Action::"share.release", resource)\n'
            f'when {{ resource.type == "{kind}" && principal.ceiling >= {rank} }};'
        )

        def forbids(record: Record, stand: Standing, kind: str = kind, rank: int = rank) -> bool:
            return record.type == kind and stand.peer.ceiling.rank >= rank

        found.append(Own(packaged.beside({f"own/{at}.cedar": text}), forbids))
    return found


def forbidden(words: frozenset[str]) -> Collection[str]:
    """What a node's store would say: its pseudonyms, and the ids of its events."""
    return [word for word in words if looks_like_pseudonym(word) or word in SECRETS]
