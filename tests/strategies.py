"""Hypothesis strategies for the nouns and for STIX objects. Values are drawn as foreign bytes would bring them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tocsin.kernel import Fingerprint, Kind, ObservableType

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""The present that the strategies draw around."""

# Half of a surrogate pair has no UTF-8; NUL is refused by itself.
plain_chars = st.characters(exclude_categories=["Cs", "Cc"])
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
names = st.text(plain_chars, min_size=1, max_size=40)
safe_integers = st.integers(-(2**53) + 1, 2**53 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)


def json_values(numbers: st.SearchStrategy[Any] = safe_integers | floats) -> st.SearchStrategy[Any]:
    """Any JSON value, a few levels deep."""
    return st.recursive(
        st.none() | st.booleans() | numbers | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=10,
    )


def moments(before: datetime = NOW, years: int = 5) -> st.SearchStrategy[datetime]:
    """Aware times of the last years."""
    return st.timedeltas(timedelta(0), timedelta(days=365 * years)).map(lambda ago: before - ago)


def rfc3339(moment: datetime) -> str:
    """A time as sources write it."""
    return moment.isoformat().replace("+00:00", "Z")


OBSERVED = {
    ObservableType.PAYMENT: st.from_regex(r"[A-Z]{2}[0-9]{2}( [0-9]{4}){3,5}", fullmatch=True),
    ObservableType.WALLET: st.from_regex(
        r"0x[0-9a-fA-F]{40}|[13][1-9A-HJ-NP-Za-km-z]{25,34}", fullmatch=True
    ),
    ObservableType.DOMAIN: st.from_regex(
        r"([a-zA-Zäöü][a-z0-9]{1,8}\.){1,3}(com|org|cn|example)", fullmatch=True
    ),
    ObservableType.DEVICE: names.filter(lambda name: bool(name.strip())),
    ObservableType.ADDRESS_PREFIX: st.ip_addresses().map(str),
    ObservableType.INVITATION: st.from_regex(r"[A-Za-z0-9]{4,12}", fullmatch=True),
    ObservableType.EMAIL: st.from_regex(r"[a-zA-Z.]{1,8}@[a-zA-Z]{2,8}\.(com|example)", fullmatch=True),
    ObservableType.PHONE: st.from_regex(r"\+[1-9][0-9]{1,2} ?[0-9]{3}[- ]?[0-9]{4,6}", fullmatch=True),
    ObservableType.HANDLE: st.from_regex(r"@?[A-Za-z0-9_]{1,15}", fullmatch=True),
    ObservableType.FILE_HASH: st.from_regex(r"(sha256:)?[0-9a-fA-F]{64}", fullmatch=True),
}


@st.composite
def observables(draw: st.DrawFn) -> dict[str, str]:
    """An observable that canonicalises, as a source writes it."""
    kind = draw(st.sampled_from(list(ObservableType)))
    return {"type": kind.value, "value": draw(OBSERVED[kind])}


@st.composite
def event_lines(draw: st.DrawFn) -> dict[str, Any]:
    """A good event line, as decoded JSON."""
    time = draw(moments())
    line: dict[str, Any] = {
        "id": draw(names),
        "time": rfc3339(time),
        "source": draw(names),
        "kind": draw(st.sampled_from(list(Kind))).value,
        "actor": draw(names),
        "text": draw(texts),
    }
    optional: dict[str, st.SearchStrategy[Any]] = {
        "session": names | st.none() | st.just(""),
        "model": names | st.none(),
        "lang": st.sampled_from(["en", "zh", "mn-Cyrl", None]),
        "tool": names | st.none(),
        "actor_created": moments(time).map(rfc3339) | st.none(),
        "observables": st.lists(observables(), max_size=3),
        "attributes": st.dictionaries(texts, json_values(), max_size=3),
    }
    for field, values in optional.items():
        if draw(st.booleans()):
            line[field] = draw(values)
    return line


fingerprints = st.builds(
    Fingerprint, signature=st.binary(min_size=256, max_size=256), shingles=st.integers(1, 100_000)
)


def stix_ids(kind: str) -> st.SearchStrategy[str]:
    """An id of an object of one type."""
    return st.uuids(version=4).map(lambda value: f"{kind}--{value}")


@st.composite
def stix_timestamps(draw: st.DrawFn, decimals: int | None = None) -> str:
    """A timestamp with three to nine decimals, kept as text so that nothing is lost."""
    moment = draw(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  # written with Z
    places = decimals or draw(st.sampled_from([3, 3, 3, 6, 9]))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{draw(st.integers(0, 10**places - 1)):0{places}d}Z"


@st.composite
def _common(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    first, second = sorted([draw(stix_timestamps(3)), draw(stix_timestamps(3))])
    item: dict[str, Any] = {
        "type": kind,
        "spec_version": "2.1",
        "id": draw(stix_ids(kind)),
        "created": first,
        "modified": second,
    }
    optional: dict[str, st.SearchStrategy[Any]] = {
        "created_by_ref": stix_ids("identity"),
        "object_marking_refs": st.lists(stix_ids("marking-definition"), min_size=1, max_size=2),
        "confidence": st.integers(0, 100),
        "labels": st.lists(texts, min_size=1, max_size=3),
        "revoked": st.booleans(),
        "lang": st.sampled_from(["en", "zh"]),
        "external_references": st.lists(
            st.fixed_dictionaries({"source_name": texts}, optional={"url": texts}), min_size=1, max_size=2
        ),
        "extensions": st.dictionaries(
            stix_ids("extension-definition"),
            st.dictionaries(texts, json_values(), max_size=3),
            min_size=1,
            max_size=2,
        ),
    }
    for field, values in optional.items():
        if draw(st.booleans()):
            item[field] = draw(values)
    return item


@st.composite
def stix_indicators(draw: st.DrawFn) -> dict[str, Any]:
    """A sound indicator, as decoded JSON."""
    item = draw(_common("indicator"))
    return {
        **item,
        "name": draw(texts),
        "pattern": "[domain-name:value = 'a.example']",
        "pattern_type": "stix",
        "valid_from": draw(stix_timestamps()),
    }


@st.composite
def stix_relationships(draw: st.DrawFn) -> dict[str, Any]:
    """A sound relationship, as decoded JSON."""
    item = draw(_common("relationship"))
    kinds = st.sampled_from(["indicator", "campaign", "attack-pattern", "x-thing"])
    return {
        **item,
        "relationship_type": "related-to",
        "source_ref": draw(kinds.flatmap(stix_ids)),
        "target_ref": draw(kinds.flatmap(stix_ids)),
    }


@st.composite
def stix_custom(draw: st.DrawFn) -> dict[str, Any]:
    """A sound object of a type that nobody here knows."""
    return {**draw(_common("x-thing")), "x_content": draw(json_values())}


@st.composite
def stix_objects(draw: st.DrawFn) -> dict[str, Any]:
    """Any sound object; every third has properties that the standard does not name."""
    item = draw(stix_indicators() | stix_relationships() | stix_custom())
    if draw(st.integers(0, 2)) == 0:
        item[f"x_{draw(st.from_regex('[a-z]{1,6}', fullmatch=True))}"] = draw(json_values())
    return item
