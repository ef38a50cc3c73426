"""A version against what OSV entries name: the standard's algorithm, and no guessed order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from tocsin.assure.intelligence.osv_form import OsvAffected, OsvEvent, OsvRange
from tocsin.assure.intelligence.versions import Answer, admits, lies_in, order_of

AFFECTED, NOT, UNSETTLED = Answer.AFFECTED, Answer.NOT_AFFECTED, Answer.UNSETTLED


def ranged(*events: OsvEvent, kind: str = "ECOSYSTEM", versions: tuple[str, ...] = ()) -> OsvAffected:
    return OsvAffected(ranges=(OsvRange(kind, events),), versions=versions)


def since(version: str) -> OsvEvent:
    return OsvEvent(introduced=version)


def fixed(version: str) -> OsvEvent:
    return OsvEvent(fixed=version)


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        ("0.9", AFFECTED),
        ("0.dev1", AFFECTED),
        ("1.0rc1", AFFECTED),
        ("1.0", NOT),
        ("1.5", NOT),
        ("2.0", AFFECTED),
        ("2.3.post1", NOT),
        ("2.3", AFFECTED),
        ("2.3+cu121", AFFECTED),
        ("1.0+cpu", NOT),
        ("not a version", UNSETTLED),
    ],
)
def test_ranges_of_pypi_by_pep_440(version: str, answer: Answer) -> None:
    affected = ranged(since("0"), fixed("1.0"), since("2.0"), OsvEvent(last_affected="2.3"))
    assert lies_in(version, affected, "PyPI") is answer


def test_a_version_that_is_listed_counts_however_it_is_spelt() -> None:
    affected = OsvAffected(versions=("1.0.0",))
    assert lies_in("1.0", affected, "PyPI") is AFFECTED
    assert lies_in("1.0+local.build", affected, "PyPI") is AFFECTED
    assert lies_in("1.1", affected, "PyPI") is NOT


def test_semantic_versions_are_not_pep_440() -> None:
    affected = ranged(since("1.0.0-alpha"), fixed("1.0.0"), kind="SEMVER")
    assert lies_in("v1.0.0-beta.2", affected, "Go") is AFFECTED
    assert lies_in("1.0.0", affected, "npm") is NOT
    assert lies_in("1.0", ranged(since("0"), fixed("1.0.1")), "crates.io") is AFFECTED


def test_where_no_order_is_known_only_listed_versions_count() -> None:
    assert order_of("Debian:12") is None
    assert lies_in("1.2-3", ranged(since("0"), fixed("9")), "Debian:12") is UNSETTLED
    assert lies_in("1.2-3", ranged(since("0"), fixed("9"), versions=("1.2-3",)), "Debian:12") is AFFECTED
    assert lies_in("1.2-4", ranged(since("0"), fixed("9"), versions=("1.2-3",)), "Debian:12") is NOT


def test_commits_settle_nothing_and_spoil_nothing() -> None:
    commits = OsvRange("GIT", (since("0"), fixed("8f14e45f")), "https://code.example/x")
    assert lies_in("1.0", OsvAffected(ranges=(commits,)), "PyPI") is UNSETTLED
    both = OsvAffected(ranges=(commits, OsvRange("ECOSYSTEM", (since("2"),))))
    assert lies_in("1.0", both, "PyPI") is NOT
    assert lies_in("1.0", OsvAffected(), "PyPI") is UNSETTLED


def test_a_limit_ends_what_is_open() -> None:
    affected = ranged(since("0"), OsvEvent(limit="2.0"), kind="SEMVER")
    assert lies_in("1.0.0", affected, "npm") is AFFECTED
    assert lies_in("2.0.0", affected, "npm") is NOT


@pytest.mark.parametrize(
    ("specifier", "answer"),
    [
        ("", Answer.ADMITS),
        (">=1.0", NOT),
        (">=0.9,<2", Answer.ADMITS),
        (">0.9", Answer.ADMITS),
        ("~=0.5", Answer.ADMITS),
        (">=1.0,<1.4", NOT),
        ("==0.3.*", Answer.ADMITS),
        ("!=1.0", Answer.ADMITS),
        (">=nonsense!", UNSETTLED),
    ],
)
def test_a_specifier_admits_an_affected_version_or_does_not(specifier: str, answer: Answer) -> None:
    assert admits(specifier, ranged(since("0"), fixed("1.0"))) is answer


RELEASES = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda two: f"{two[0]}.{two[1]}")


@given(
    bounds=st.lists(RELEASES, min_size=2, max_size=6, unique=True),
    version=RELEASES,
    order=st.randoms(use_true_random=False),
)
def test_a_range_is_its_intervals_in_whatever_order_its_events_stand(
    bounds: list[str], version: str, order: object
) -> None:
    def key(text: str) -> tuple[int, ...]:
        return tuple(map(int, text.split(".")))

    placed = sorted(bounds, key=key)
    events = [since(one) if number % 2 == 0 else fixed(one) for number, one in enumerate(placed)]
    pairs = [
        (one, placed[at + 1] if at + 1 < len(placed) else None)
        for at, one in enumerate(placed)
        if at % 2 == 0
    ]
    inside = any(
        key(low) <= key(version) and (high is None or key(version) < key(high)) for low, high in pairs
    )
    order.shuffle(events)  # type: ignore[attr-defined]  # a Random
    assert lies_in(version, ranged(*events), "PyPI") is (AFFECTED if inside else NOT)


@settings(max_examples=30)
@given(
    low=RELEASES,
    high=RELEASES,
    clauses=st.lists(st.tuples(st.sampled_from([">=", ">", "<", "<=", "==", "!="]), RELEASES), max_size=3),
    probe=RELEASES,
)
def test_what_admits_nothing_affected_lets_no_affected_version_in(
    low: str, high: str, clauses: list[tuple[str, str]], probe: str
) -> None:
    specifier = ",".join(f"{sign}{version}" for sign, version in clauses)
    affected = ranged(since(low), fixed(high))
    if admits(specifier, affected) is NOT and SpecifierSet(specifier).contains(probe):
        assert lies_in(probe, affected, "PyPI") is NOT


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["PyPI", "npm", "Maven", "Go", ""]))
def test_nothing_that_anybody_writes_raises(version: str, bound: str, ecosystem: str) -> None:
    affected = ranged(since("0"), fixed(bound), versions=(bound,))
    assert lies_in(version, affected, ecosystem) in set(Answer)
    assert admits(version, affected) in set(Answer)
