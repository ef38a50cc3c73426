"""The oracle's word on red lines, words on them, evaluations, decisions and commitments: what they may say at most.

Like `oracle` it shares nothing with the gate. `LINES` is filled by the cases, before any is bent.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

RED_LINE = "extension-definition--eca1724f-6282-5e8d-b700-778d956f81af"
STANCE = "extension-definition--bfee51bb-0a4b-5838-bb91-5ea377aa2ea5"
EVALUATION = "extension-definition--5c540af2-5077-5a5d-ac2b-8e3f8018b8b4"
DECISION = "extension-definition--8778f9aa-6f89-5e41-b69e-b05542f342f6"
COMMITMENT = "extension-definition--bb4a422c-af25-524a-99f4-9ca066aba6d6"
KINDS = {
    ("course-of-action", RED_LINE),
    ("opinion", STANCE),
    ("report", EVALUATION),
    ("report", DECISION),
    ("note", COMMITMENT),
}
DIGEST = "sha256:[0-9a-f]{64}"

_U = "[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_LINE = f"course-of-action--{_U}"
_DAY = r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T00:00:00\.000Z"
_T = r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
_FREE = r"[!-~À-ɏΆ-ӿ⸀-퟿…·–！-～]+(?: [!-~À-ɏΆ-ӿ⸀-퟿…·–！-～]+)*"
_RATE = r"0|1|[01]\.[0-9]{1,4}"
_DOMAIN = "domain\\.(?:cyber|disinformation|cbrn|autonomous-systems)"
_CONDITION = "as-shipped|safeguards-removed|fine-tuned"
_MEASURE = "task-success|compliance|refusal|detection-bypass"
_WORD = "[a-z]{1,20}(?:-[a-z]{1,20}){0,3}"


def _of(extension: str, **names: str) -> dict[str, str]:
    own = {f"extensions.{extension}.{name}": form for name, form in names.items()}
    return own | {f"extensions.{extension}.extension_type": "property-extension"}


OWN: dict[str, dict[str, str]] = {
    RED_LINE: {
        "name": "Red line: [a-z-]{1,30}",
        "description": "A measurable line that was fixed beforehand; a model that crosses it does not go out\\.",
        **_of(
            RED_LINE,
            subject=_WORD,
            domain=_DOMAIN,
            condition=_CONDITION,
            method=_WORD,
            protocol=DIGEST,
            measure=_MEASURE,
            crossed_when="at-least|at-most",
            threshold=_RATE,
            consequence="block",
            in_force=_DAY,
            review_by=_DAY,
            basis=_FREE,
            title=_FREE,
            statement=_FREE,
            evidence_needed=_FREE,
            scope="bilateral|group|open",
            supersedes=_LINE,
        ),
        f"extensions.{RED_LINE}.parties.[0-9]+": DIGEST,
    },
    STANCE: {
        "opinion": "strongly-agree|strongly-disagree|neutral",
        "object_refs.0": _LINE,
        **_of(STANCE, stance="endorse|object|withdraw", line=DIGEST, reason=_FREE),
    },
    EVALUATION: {
        "name": f"Model evaluation: {_DOMAIN}",
        "description": "What a model did in one evaluation\\."
        " Model and test set are named by digest; neither is here\\.",
        "published": _T,
        "object_refs.[0-9]+": f"(?:course-of-action|identity)--{_U}",
        **_of(
            EVALUATION,
            model=DIGEST,
            protocol=DIGEST,
            domain=_DOMAIN,
            condition=_CONDITION,
            method=_WORD,
            capability="[NLMH]",
            assessor="developer|independent|public-institute",
            signed_off="true|false",
            evaluated=_DAY,
            review_by=_DAY,
            limits=_FREE,
            evidence_status="theoretical|tested|observed",
            basis=_FREE,
        ),
        **{
            f"extensions.{EVALUATION}.results.[0-9]+.{name}": form
            for name, form in {
                "measure": _MEASURE,
                "rate": _RATE,
                "lower": _RATE,
                "upper": _RATE,
                "trials": "[1-9][0-9]{0,7}",
                "baseline": "none|search|expert|previous-model",
                "baseline_rate": _RATE,
            }.items()
        },
    },
    DECISION: {
        "name": "Release decision: (?:open|staged|restricted|withheld)",
        "description": "How far a model goes out, and why no less will do\\.",
        "published": _T,
        "object_refs.[0-9]+": f"(?:course-of-action|identity|report)--{_U}",
        **_of(
            DECISION,
            model=DIGEST,
            decision="open|staged|restricted|withheld",
            access="none|research|limited|broad",
            why_not_less=_FREE,
            benefits=_FREE,
            approvals="[2-9]|1[0-9]|20",
            decided=_DAY,
            review_by=_DAY,
            basis=_FREE,
        ),
        f"extensions.{DECISION}.conditions.[0-9]+": _WORD,
        f"extensions.{DECISION}.red_lines.[0-9]+.line": _LINE,
        f"extensions.{DECISION}.red_lines.[0-9]+.outcome": "clear|crossed|not-measured",
    },
    COMMITMENT: {
        "content": "Commitment: [a-z-]{1,40}",
        "object_refs.0": f"identity--{_U}",
        **_of(
            COMMITMENT,
            area=_WORD,
            practice=_FREE,
            evidence=f"{DIGEST}|https://[!-~]{{1,500}}",
            since=_DAY,
            review_by=_DAY,
        ),
    },
}
NEEDED = {
    RED_LINE: {"name", "extensions", "created_by_ref"},
    STANCE: {"opinion", "object_refs", "extensions", "created_by_ref"},
    EVALUATION: {"name", "published", "object_refs", "extensions", "created_by_ref"},
    DECISION: {"name", "published", "object_refs", "extensions", "created_by_ref"},
    COMMITMENT: {"content", "object_refs", "extensions", "created_by_ref"},
}


class Line(NamedTuple):
    """A red line as its author made it: what it says, by digest, and to whom alone it goes (nobody named: to all)."""

    says: str
    parties: tuple[str, ...]


LINES: dict[str, Line] = {}


def remember(objects: Iterable[Mapping[str, Any]]) -> None:
    """Take in the lines among these objects."""
    for one in objects:
        if one["type"] == "course-of-action":
            held = one["extensions"][RED_LINE]
            LINES[one["id"]] = Line(_says(held), tuple(held.get("parties", ())))


def kind_of(value: Mapping[str, Any]) -> str:
    """The extension that makes an object one of these kinds; "" for another."""
    held = value.get("extensions", {})
    return next((kind for of, kind in sorted(KINDS) if of == value.get("type") and kind in held), "")


def wrong_with(value: Mapping[str, Any], party: str) -> str | None:
    """What such an object must not say beyond the shape of its values, and to whom."""
    for identifier, line in LINES.items():
        if line.parties and party not in line.parties and identifier in json.dumps(value):
            return "a line between others, or what names it, left"
    kind = kind_of(value)
    return _at_odds(kind, value, value["extensions"][kind]) if kind else None


def _at_odds(kind: str, value: Mapping[str, Any], held: Mapping[str, Any]) -> str | None:
    """What an object says against itself."""
    if kind == RED_LINE and LINES.get(value["id"], Line(_says(held), ())).says != _says(held):
        return "another line stands under its id"
    if kind == STANCE:
        scale = {"endorse": "strongly-agree", "object": "strongly-disagree", "withdraw": "neutral"}
        if scale[held["stance"]] != value["opinion"]:
            return "it says yes and no"
    if kind == EVALUATION and any(not one["lower"] <= one["rate"] <= one["upper"] for one in held["results"]):
        return "a rate lies outside its interval"
    if kind == DECISION:
        crossed = any(one["outcome"] == "crossed" for one in held["red_lines"])
        if crossed and held["decision"] != "withheld":
            return "what crossed a red line goes out"
        if value["name"] != f"Release decision: {held['decision']}":
            return "its name says another decision"
    if kind == COMMITMENT and value["object_refs"] != [value["created_by_ref"]]:
        return "a commitment in another's name"
    if kind == COMMITMENT and value["content"] != f"Commitment: {held['area']}":
        return "its content says another area"
    return None


def is_digest(path: str, leaf: str) -> bool:
    """Whether a leaf is a digest where a digest belongs, and so no id in disguise."""
    named = path.rpartition(".")[0].endswith("parties") or path.rpartition(".")[2] in (
        "model",
        "protocol",
        "line",
        "evidence",
    )
    return named and re.fullmatch(DIGEST, leaf) is not None


def _says(held: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()
