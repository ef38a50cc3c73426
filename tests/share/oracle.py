"""The rules of docs/sharing.md once more, in other words: what of a record may have left at most.

It shares nothing with the gate: no table, no shape, no policy, no search for ids. It looks at bytes that left and
at what was known when they did, and says what is wrong with their having left.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from tests.share import oracle_agreed
from tests.trust import independent_signed_fields
from tocsin.kernel import Origin, PeerStatus, Record
from tocsin.share import Standing

HEX_DIGITS = 32
"""Of a UUID, without its dashes."""
LISTED = {"fraud.scam", "cyber.phishing"}
"""Of the categories that the cases use, those of conduct."""

SUPPORTING = {"identity", "marking-definition", "extension-definition"}
LEVELS = ["clear", "green", "amber", "amber+strict", "red"]
PAP = ["clear", "green", "amber", "red"]
MARKINGS = {
    "clear": "94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "e828b379-4e03-4974-9ac4-e53a884c97c1",
}
EU = set(re.findall("..", "ATBEBGHRCYCZDKEEFIFRDEGRHUIEITLVLTLUMTNLPLPTROSKSIESSE"))
FINGERPRINT = "extension-definition--f50051ce-5d94-564d-bc6a-06342968907b"
CAMPAIGN = "extension-definition--c8e2526c-dcaf-5744-b93b-d7b8cd4189f2"
SIGHTING = "extension-definition--08bab3d2-e387-5f35-83b5-7f57e9c0e76e"
DISMISSAL = "extension-definition--75ef0a9a-f784-5199-b08a-a40be3f77b04"
HANDLING = "extension-definition--f815aa6a-da86-55ec-8aa8-47b4450cbd49"
SIGNED = "extension-definition--e9d5dae0-3b40-5e5f-874b-d76ee6c00e38"
EVERYBODYS = {
    "60a3c5c5-0d10-413e-aab3-9e08dde9e88d",
    "5744b28d-2e8d-598e-9c00-54c1d4492fbc",
    *MARKINGS.values(),
    *(one.partition("--")[2] for one in (FINGERPRINT, CAMPAIGN, SIGHTING, DISMISSAL, HANDLING, SIGNED)),
    *(one.partition("--")[2] for one in oracle_agreed.OWN),
}

_U = "[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_T = r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
_FREE = r"[!-~À-ɏΆ-ӿ⸀-퟿…·–！-～]+(?: [!-~À-ɏΆ-ӿ⸀-퟿…·–！-～]+)*"
_CATEGORY = r"(?:fraud\.scam|cyber\.phishing)"
_RANGE = r"(?:1-4|5-9|10-24|25-99|100-499|500\+)"
_SAID = (
    r"(?:fraud\.scam|cyber\.phishing|Harmless template|[A-Z][A-Za-z ,'()/-]{2,60}(?:: coordinated accounts)?)"
)

COMMON = {
    "spec_version": "2\\.1",
    "created": _T,
    "modified": _T,
    "created_by_ref": f"identity--{_U}",
    "object_marking_refs.0": "marking-definition--[0-9a-f-]{36}",
    "revoked": "true|false",
    "confidence": "[0-9]{1,2}|100",
    "lang": "[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?",
    f"extensions.{HANDLING}.extension_type": "property-extension",
    f"extensions.{HANDLING}.pap": "clear|green|amber|red",
    f"extensions.{HANDLING}.only_to.[0-9]+": "[A-Z]{2,5}",
    f"extensions.{HANDLING}.stays_in.[0-9]+": "[A-Z]{2,5}",
    f"extensions.{HANDLING}.embargo_until": _T,
    f"extensions.{HANDLING}.purposes.[0-9]+": "[a-z-]+",
}
OWN: dict[str, dict[str, str]] = {
    "identity": {"name": _FREE, "description": "A Tocsin node\\.", "identity_class": "organization"},
    "campaign": {
        "name": "[A-Z][A-Za-z ]{2,40}: coordinated accounts",
        "description": "Coordinated accounts repeating near-duplicates of one text\\.",
        "first_seen": r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T00:00:00\.000Z",
        "last_seen": r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T00:00:00\.000Z",
        f"extensions.{CAMPAIGN}.extension_type": "property-extension",
        f"extensions.{CAMPAIGN}.category": _CATEGORY,
        f"extensions.{CAMPAIGN}.risk": r"TMR:1\.0/U:[NLMH]/S:[NLMH]/A:[NLMH]/C:[NLMH]/G:[NLMH]",
        f"extensions.{CAMPAIGN}.actors": _RANGE,
        f"extensions.{CAMPAIGN}.events": _RANGE,
        f"extensions.{CAMPAIGN}.score_band": "low|medium|high",
        f"extensions.{CAMPAIGN}.evidence_status": "theoretical|tested|observed",
        f"extensions.{CAMPAIGN}.basis": _FREE,
    },
    "indicator": {
        "name": f"Fingerprint of a text: {_CATEGORY}|Harmless template",
        "description": "Near-duplicates of one text by coordinated accounts\\. A match alone flags nobody\\.|"
        "A reviewer found this template harmless\\.",
        "indicator_types.0": "malicious-activity|benign",
        "pattern": r"\[x-tocsin-text:minhash_1 = '[0-9a-f]{64}'\]",
        "pattern_type": "stix",
        "pattern_version": "2\\.1",
        "valid_from": _T,
        "valid_until": _T,
        f"extensions.{FINGERPRINT}.extension_type": "property-extension",
        f"extensions.{FINGERPRINT}.algorithm": "tocsin-minhash-1",
        f"extensions.{FINGERPRINT}.signature": "[A-Za-z0-9+/]{341}[AQgw]==",
        f"extensions.{FINGERPRINT}.shingles": "4[89]|[5-9][0-9]|[0-9]{3,6}",
        f"extensions.{FINGERPRINT}.category": _CATEGORY,
        f"extensions.{FINGERPRINT}.evidence_status": "theoretical|tested|observed",
        f"extensions.{FINGERPRINT}.basis": _FREE,
        f"extensions.{DISMISSAL}.extension_type": "property-extension",
        f"extensions.{DISMISSAL}.reason": _FREE,
        f"extensions.{DISMISSAL}.expires": _T,
    },
    "relationship": {
        "relationship_type": "indicates",
        "source_ref": f"indicator--{_U}",
        "target_ref": f"campaign--{_U}",
    },
    "sighting": {
        "sighting_of_ref": f"(?:indicator|campaign)--{_U}",
        "where_sighted_refs.0": f"identity--{_U}",
        "summary": "true|false",
        f"extensions.{SIGHTING}.extension_type": "property-extension",
        f"extensions.{SIGHTING}.actors": _RANGE,
        f"extensions.{SIGHTING}.events": _RANGE,
    },
    "report": {
        "name": "Confirmed: [A-Z][A-Za-z ]{2,40}",
        "description": r"Confirmed by a reviewer\.(?: The text is too short for its fingerprint to be shared: "
        r"it could be guessed\.)?",
        "report_types.0": "campaign",
        "published": _T,
        "object_refs.[0-9]+": f"[a-z-]+--{_U}",
    },
    "opinion": {
        "opinion": "(?:strongly-)?(?:dis)?agree|neutral",
        "object_refs.0": f"[a-z-]+--{_U}",
    },
}
NEEDED = {
    "identity": {"name"},
    "campaign": {"name", "extensions", "created_by_ref"},
    "indicator": {"pattern", "pattern_type", "valid_from", "extensions", "created_by_ref"},
    "relationship": {"relationship_type", "source_ref", "target_ref", "created_by_ref"},
    "sighting": {"sighting_of_ref", "extensions", "created_by_ref"},
    "report": {"name", "published", "object_refs", "created_by_ref"},
    "opinion": {"opinion", "object_refs", "created_by_ref"},
}
CLAIMS = {"campaign": CAMPAIGN, "indicator": FINGERPRINT}


def leaves_of(value: Any, path: str = "") -> list[tuple[str, str]]:
    """Every leaf of a value with its path, as text."""
    if isinstance(value, dict):
        return [
            leaf
            for key, inner in value.items()
            for leaf in leaves_of(inner, f"{path}.{key}" if path else key)
        ]
    if isinstance(value, list):
        return [leaf for at, inner in enumerate(value) for leaf in leaves_of(inner, f"{path}.{at}")]
    return [(path, value if isinstance(value, str) else json.dumps(value))]


def wrong_with(
    record: Record, final: bytes, standing: Standing, left: Collection[str], secrets: Collection[str]
) -> str | None:
    """Why these bytes of a record should not have left, None when they may have.

    `left` are the ids that left in the same release, `secrets` the words that never leave.
    """
    value = json.loads(final)
    if json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != final:
        return "the bytes are not canonical"
    unsigned = _unsigned(value)
    return (
        _wrong_peer(record, standing)
        or _wrong_signature(record, final, value, standing)
        or _wrong_rest(record, final, unsigned, standing, left, secrets)
    )


def _wrong_rest(
    record: Record,
    final: bytes,
    value: dict[str, Any],
    standing: Standing,
    left: Collection[str],
    secrets: Collection[str],
) -> str | None:
    """The same of a signed and of an unsigned record: a signature is digests, salts and the names of what is shown."""
    return (
        _wrong_labels(record, value, standing)
        or _wrong_values(record, value)
        or _wrong_names(record, value, standing, left)
        or _wrong_words(value, secrets)
        or _wrong_origin(record, final, value)
        or _wrong_time(record, value, standing)
        or oracle_agreed.wrong_with(value, standing.party)
    )


def _unsigned(value: dict[str, Any]) -> dict[str, Any]:
    extensions = {key: inner for key, inner in value.get("extensions", {}).items() if key != SIGNED}
    bare = {name: inner for name, inner in value.items() if name != "extensions"}
    return {**bare, "extensions": extensions} if extensions else bare


def _wrong_signature(record: Record, final: bytes, value: dict[str, Any], standing: Standing) -> str | None:
    if (record.root is None) == (SIGNED in value.get("extensions", {})):
        return "its signature came or went"
    if record.root is not None:
        found = independent_signed_fields.check(value)
        if found is None:
            return "it is not what its author signed"
        if independent_signed_fields.unb64(found[0]) != record.root:
            return "it is another version than its author signed"
    if record.origin is Origin.OWN:
        return None
    if record.root is None and value["id"].partition("--")[2] not in EVERYBODYS:
        return "another author's record left unsigned"
    if record.peer == standing.peer.name or record.author == standing.peer.identity:
        return "it went back to who gave or wrote it"
    return None


def _wrong_peer(record: Record, standing: Standing) -> str | None:
    peer = standing.peer
    if peer.status is not PeerStatus.TRUSTED:
        return "the peer is not trusted"
    if standing.purpose not in peer.purposes:
        return "the purpose was not agreed"
    if LEVELS.index(record.tlp) > LEVELS.index(peer.ceiling):
        return "it is above the peer's ceiling"
    if record.tlp == "red":
        return "it is TLP:RED"
    if record.origin is not Origin.OWN and record.tlp not in ("clear", "green"):
        return "its author did not let us pass it on"
    return None


def _wrong_labels(record: Record, value: Mapping[str, Any], standing: Standing) -> str | None:
    if record.type != "marking-definition":
        if value["object_marking_refs"] != [f"marking-definition--{MARKINGS[record.tlp]}"]:
            return "its marking is another"
        if value.get("created_by_ref", record.author) != record.author:
            return "its author is another"
    if wrong := _wrong_category(record, value):
        return wrong
    if record.type in CLAIMS:
        claim = value["extensions"][CLAIMS[record.type]]
        if claim["category"] != record.category or not claim["basis"].strip():
            return "it claims another category, or without a basis"
    labels = value.get("extensions", {}).get(HANDLING, {})
    peer = standing.peer
    if PAP.index(labels.get("pap", "clear")) > PAP.index(peer.pap):
        return "the peer does not honour this PAP"
    if "only_to" in labels and peer.jurisdiction not in _spelled(labels["only_to"]):
        return "the peer is established elsewhere"
    if "stays_in" in labels and (not peer.stores or set(peer.stores) - _spelled(labels["stays_in"])):
        return "the peer keeps it elsewhere"
    if "embargo_until" in labels and labels["embargo_until"] > "2026-03-05T10:20:30.123Z":
        return "it is under embargo"
    if "purposes" in labels and standing.purpose not in labels["purposes"]:
        return "its label does not name the purpose"
    return None


def _wrong_category(record: Record, value: Mapping[str, Any]) -> str | None:
    if oracle_agreed.kind_of(value) and not record.category:
        return None  # what is said of models is about no conduct
    if record.type not in SUPPORTING and record.category not in LISTED:
        return "its category is not of conduct"
    return None


def _spelled(places: Collection[str]) -> set[str]:
    return {country for place in places for country in (EU if place == "EU" else {place})}


@cache
def _of_path(name: str) -> re.Pattern[str]:
    return re.compile(name.replace(".", r"\."))


def _wrong_values(record: Record, value: Mapping[str, Any]) -> str | None:
    if value["id"].partition("--")[2] in EVERYBODYS:
        return None  # held byte for byte elsewhere
    agreed = oracle_agreed.kind_of(value)
    own = oracle_agreed.OWN[agreed] if agreed else OWN.get(record.type)
    if own is None:
        return "no table names its type"
    needed = oracle_agreed.NEEDED[agreed] if agreed else NEEDED[record.type]
    if missing := needed - value.keys():
        return f"it misses {missing}"
    if (value["type"], value["id"]) != (record.type, record.id):
        return "it is another object"
    kept = dict(leaves_of(_unsigned(json.loads(record.stix))))
    for path, leaf in leaves_of({k: v for k, v in value.items() if k not in ("type", "id")}):
        if not any(
            _of_path(name).fullmatch(path) and re.fullmatch(form, leaf)
            for name, form in (*COMMON.items(), *own.items())
        ):
            return f"{path} is not a value that may leave"
        if kept.get(path) != leaf and leaf not in kept.values():
            return f"{path} was never in the record"
    refs = value.get("object_refs", [])
    return None if refs == sorted(set(refs)) else "its references have an order of their own"


def _wrong_names(
    record: Record, value: Mapping[str, Any], standing: Standing, left: Collection[str]
) -> str | None:
    known = {*left, *standing.given, *standing.released}
    if record.type == "sighting":
        known |= standing.mentionable
    tails = {one.partition("--")[2].replace("-", "") for one in known} | {
        one.replace("-", "") for one in EVERYBODYS
    }
    for path, leaf in [*leaves_of(value), *((key, key) for key in value)]:
        if path.endswith((".signature", "pattern")) or oracle_agreed.is_digest(path, leaf):
            continue
        if leaf.isascii() and len(leaf) < HEX_DIGITS:
            continue  # too short to name anything, and nothing in it stands for more
        plain = re.sub(r"[\u200b-\u200f\u2060-\u2064\u00ad]", "", unicodedata.normalize("NFKC", leaf)).lower()
        plain = re.sub("[\u2010-\u2015]", "-", plain).translate(str.maketrans("асе", "ace"))
        for found in re.findall(
            r"(?<!ps_)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", plain
        ):
            if found.replace("-", "") not in tails:
                return f"{path} names what the peer will not have"
    return None


def _wrong_words(value: Mapping[str, Any], secrets: Collection[str]) -> str | None:
    for path, leaf in leaves_of(value):
        plain = unicodedata.normalize("NFKC", leaf)
        if any(secret in plain for secret in secrets):
            return f"{path} holds a word that never leaves"
    return None


def _wrong_origin(record: Record, final: bytes, value: Mapping[str, Any]) -> str | None:
    if value["id"].partition("--")[2] in EVERYBODYS and final != EXACT.get(value["id"]):
        return "what everybody has was changed"
    return None


def _wrong_time(record: Record, value: Mapping[str, Any], standing: Standing) -> str | None:
    theirs = standing.given | standing.mentionable
    if record.type == "sighting" and value["sighting_of_ref"] in theirs:
        if standing.now < record.added + standing.sighting_delay:
            return "a sighting left too soon"
        if standing.sightings >= 50:
            return "a sighting over the week's number left"
    return None


EXACT: dict[str, bytes] = {}
"""What everybody has, byte for byte; the cases fill it before any is bent."""
