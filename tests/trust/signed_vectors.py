"""Makes tests/vectors/signed_fields/*.json. Run `python -m tests.trust.signed_vectors` after a new case; a case that is
there never changes (`test_signed_vectors`)."""

import json
from pathlib import Path
from typing import Any

import msgspec

from tests.trust.signed_samples import AUTHOR, OTHER, SAMPLES, SECRET, SEED
from tocsin.trust.signed_fields import Verified, sign, verify, withhold
from tocsin.trust.units import SIGNED_FIELDS, in_order, units_of
from tocsin.trust.views import merge

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "signed_fields"

VIEWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "indicator": (
        ("/description", "/confidence"),
        ("/labels/0", "/external_references"),
        ("/name", "/description", "/confidence", "/labels"),
    ),
    "report": (("/object_refs/1",), ("/description", "/object_refs/0", "/object_refs/2")),
    "custom": (("/x_nested", "/aliases/1"), ("/x~1slash~0tilde", "/x_ratio")),
    "identity": (("/identity_class",),),
}


def vector(name: str) -> dict[str, Any]:
    """One sample: signed, seen in parts, and changed."""
    plain = SAMPLES[name]()
    whole = sign(plain, AUTHOR, SEED)
    found = verify(whole)
    assert isinstance(found, Verified)
    salts = whole["extensions"][SIGNED_FIELDS]["salts"]
    views = [(gone, withhold(whole, gone)) for gone in VIEWS[name]]
    other = {**plain, "object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]}
    return {
        "format": "tocsin/signed-fields/1",
        "secret_key": SECRET.hex(),
        "seed": SEED.hex(),
        "object": plain,
        "units": [
            {"path": unit.path, "value": unit.value, "salt": _at(salts, unit.place) if unit.salted else None}
            for unit in units_of(in_order(plain))
        ],
        "digests": whole["extensions"][SIGNED_FIELDS]["digests"],
        "root": found.signed.statement.root,
        "statement": msgspec.to_builtins(found.signed.statement),
        "signature": whole["extensions"][SIGNED_FIELDS]["signature"],
        "signed": whole,
        "views": [{"withheld": list(gone), "count": _count(view), "object": view} for gone, view in views],
        "merged": merge(views[0][1], views[-1][1]),
        "equivocation": sign(other, AUTHOR, SEED),
        "refused": [
            {"why": why, "field": field, "object": changed} for why, field, changed in refused(name, whole)
        ],
    }


def refused(name: str, whole: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Why, the field that is named, and the object."""
    own = f"/extensions/{SIGNED_FIELDS}"
    said = whole["extensions"][SIGNED_FIELDS]

    def with_own(**members: Any) -> dict[str, Any]:
        kept = {key: inner for key, inner in {**said, **members}.items() if inner is not None}
        return {**whole, "extensions": {**whole["extensions"], SIGNED_FIELDS: kept}}

    def unsigned() -> dict[str, Any]:
        return {
            **whole,
            "extensions": {key: inner for key, inner in whole["extensions"].items() if key != SIGNED_FIELDS},
        }

    stranger = sign({**SAMPLES["report"](), "created_by_ref": OTHER.stix_identity}, OTHER, bytes(32))[
        "extensions"
    ][SIGNED_FIELDS]
    cases = [
        ("no signature", own, unsigned()),
        ("an algorithm nobody here knows", f"{own}/algorithm", with_own(algorithm="ML-DSA-65")),
        ("another hash", f"{own}/hash", with_own(hash="sha-1")),
        ("a key of another", f"{own}/key", with_own(key=stranger["key"])),
        ("another's signature", f"{own}/signature", with_own(signature=stranger["signature"])),
        ("a signature that is too short", f"{own}/signature", with_own(signature="AAAA")),
        ("a key that is no base64", f"{own}/key", with_own(key="A" * 5)),
        ("a digest taken away", f"{own}/signature", with_own(digests=said["digests"][1:])),
        ("a digest twice", f"{own}/digests", with_own(digests=[*said["digests"], said["digests"][-1]])),
        ("digests in another order", f"{own}/digests", with_own(digests=said["digests"][::-1])),
        ("a member too many", f"{own}/comment", with_own(comment="x")),
        ("a member too few", f"{own}/hash", with_own(hash=None)),
        ("another version", "/modified", {**whole, "modified": "2026-03-05T10:20:30.124Z"}),
        (
            "another marking",
            "/object_marking_refs",
            {**whole, "object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]},
        ),
        ("revoked by a stranger", "/revoked", {**whole, "revoked": True}),
        ("a null, which is not the same as absent", "/revoked", {**whole, "revoked": None}),
        (
            "markings of parts added",
            "/granular_markings",
            {**whole, "granular_markings": [{"lang": "en", "selectors": ["name"]}]},
        ),
        ("a property added", "/x_added", {**whole, "x_added": 1}),
        ("a salt without its value", "/x_added", with_own(salts={**said["salts"], "x_added": "A" * 22})),
        (
            "an extension added",
            "/extensions",
            {
                **whole,
                "extensions": {
                    **whole["extensions"],
                    "extension-definition--00000000-0000-4000-8000-000000000000": {
                        "extension_type": "property-extension"
                    },
                },
            },
        ),
        ("an integer that a double does not hold", "/x_added", {**whole, "x_added": 2**53}),
    ]
    return cases + _of_this(name, whole, said, with_own)


def _of_this(
    name: str, whole: dict[str, Any], said: dict[str, Any], with_own: Any
) -> list[tuple[str, str, dict[str, Any]]]:
    def without(key: str) -> dict[str, Any]:
        return {one: inner for one, inner in whole.items() if one != key}

    if name == "indicator":
        return [
            ("a value changed", "/name", {**whole, "name": "Lottery refunds"}),
            ("a value taken away and its salt left", "/name", without("name")),
            ("a salt changed", "/name", with_own(salts={**said["salts"], "name": "A" * 22})),
            ("the end of its validity hidden", "/valid_until", without("valid_until")),
            ("its types hidden", "/indicator_types", without("indicator_types")),
            ("elements in another order", "/labels", {**whole, "labels": whole["labels"][::-1]}),
            ("an element changed", "/labels/1", {**whole, "labels": ["lottery", "refunds"]}),
            (
                "an extension hidden whole",
                "/extensions",
                {
                    **whole,
                    "extensions": {
                        SIGNED_FIELDS: {
                            **said,
                            "salts": {
                                key: inner for key, inner in said["salts"].items() if key != "extensions"
                            },
                        }
                    },
                },
            ),
        ]
    if name == "report":
        return [
            (
                "a reference added",
                "/object_refs/0",
                {
                    **whole,
                    "object_refs": [
                        "attack-pattern--00000000-0000-4000-8000-000000000009",
                        *whole["object_refs"],
                    ],
                },
            )
        ]
    if name == "custom":
        return [("a number changed in its last digit", "/x_ratio", {**whole, "x_ratio": 0.10000000000000002})]
    return [("another name", "/name", {**whole, "name": "Platform"})]


def _at(salts: Any, place: tuple[str | int, ...]) -> Any:
    for part in place:
        salts = salts[part]
    return salts


def _count(view: dict[str, Any]) -> int:
    found = verify(view)
    assert isinstance(found, Verified)
    return found.withheld


def written(value: dict[str, Any]) -> str:
    """A vector as its file: ASCII, so that no editor changes a byte of it."""
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in SAMPLES:
        (FOLDER / f"{name}.json").write_text(written(vector(name)), "ascii")


if __name__ == "__main__":
    main()
