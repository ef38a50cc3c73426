"""Rules at the gate: one leaves in its travelling form and in no other, and what is read of it is the rule."""

from typing import Any

import msgspec
import pytest

from tests.share.said import AUTHOR, NOW, OTHER, PEER, confirmed, of_type, standing
from tests.sigma_rules import SAYS_REFUND, correlation, rule, uuid_of
from tocsin.kernel import TLP, BadInput, EvidenceStatus, Origin, Record, Verdict, micros
from tocsin.share import Draft, decide, describe_rule, indicators_from, unusable_in
from tocsin.share.fields import may_leave
from tocsin.share.rules import rule_in
from tocsin.trust.policy import Policies
from tocsin.wire.sigma import read_rule
from tocsin.wire.sigma import travel_form as travel_form_of
from tocsin.wire.stix import (
    DismissalExtension,
    FingerprintExtension,
    RuleExtension,
    canonical,
    check,
    extension_id,
    own_id,
)

TEXT = correlation(
    "value_count", SAYS_REFUND, group_by="[observables.wallet]", condition="{gte: 5, field: actor}"
)


def said(
    text: str = TEXT, *, tlp: TLP = TLP.GREEN, status: EvidenceStatus = EvidenceStatus.TESTED
) -> tuple[Record, ...]:
    return describe_rule(
        read_rule(text.encode(), "mine"),
        author=AUTHOR,
        name="node",
        tlp=tlp,
        status=EvidenceStatus.TESTED,
        basis="Tried for a month on our own traffic.",
        now=NOW,
    )


ID = own_id("indicator", AUTHOR, "sigma", uuid_of(9))


def travel_form(text: str) -> str:
    return travel_form_of(text, ID.rpartition("--")[2])


def decided(records: tuple[Record, ...]) -> Draft:
    return decide(Policies.load(), records, standing(), lambda _: ())


def value_of(record: Record) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.json.decode(record.stix)
    return value


def from_peer(**changes: Any) -> Record:
    """The rule as a peer would have given it, with properties changed."""
    record = said()[-1]
    return msgspec.structs.replace(
        record, stix=canonical(value_of(record) | changes), origin=Origin.PEER, peer="lab", author=OTHER
    )


def test_a_rule_leaves_whole() -> None:
    records = said()
    assert check(records[-1].stix).problems == ()
    draft = decided(records)
    (entry,) = [one for one in draft.manifest.entries if one.type == "indicator"]
    assert entry.verdict is Verdict.RELEASE
    assert set(entry.fields.values()) == {"kept"}
    assert msgspec.json.decode(draft.final[entry.id])["pattern"] == travel_form(TEXT)


def test_nothing_of_the_file_but_the_rule_leaves() -> None:
    text = TEXT + "\n# about the account of somebody\nauthor: somebody\n"
    assert value_of(said(text)[-1])["pattern"] == travel_form(TEXT)


@pytest.mark.parametrize(
    "pattern",
    [
        travel_form(TEXT) + "# a word\n",
        travel_form(TEXT) + "author: somebody\n",
        travel_form(TEXT).replace("title: correlation 9", "title:  correlation 9"),
        travel_form(rule(SAYS_REFUND, category="cyber.phishing")),
        "[x-tocsin-text:minhash_1 = 'zz']",
        "[ipv4-addr:value = '198.51.100.1']",
        "a rule",
        7,
    ],
)
def test_another_spelling_stays(pattern: object) -> None:
    assert may_leave("indicator", value_of(said()[-1])) is None
    assert may_leave("indicator", value_of(said()[-1]) | {"pattern": pattern}) is not None


def test_an_indicator_is_a_rule_or_a_fingerprint() -> None:
    value = value_of(said()[-1])
    assert may_leave("indicator", value | {"pattern_type": "stix"}) is not None
    assert may_leave("indicator", value | {"indicator_types": ["benign"]}) is not None
    for kind in (FingerprintExtension, DismissalExtension):
        extensions = value["extensions"] | {extension_id(kind): {"extension_type": "property-extension"}}
        assert may_leave("indicator", value | {"extensions": extensions}) is not None
    assert may_leave("indicator", value | {"extensions": {}}) is not None


@pytest.mark.parametrize("words", ["write to anna@mail.example", "call +44 20 7946 0958 today"])
def test_personal_data_in_a_rule_keeps_it_here(words: str) -> None:
    text = rule(f"selection:\n  text|contains: '{words}'")
    (entry,) = [one for one in decided(said(text)).manifest.entries if one.type == "indicator"]
    assert entry.verdict is Verdict.REFUSE
    assert "personal" in entry.rule or "personal" in str(entry.fields)


def test_a_marking_above_the_ceiling_stays() -> None:
    assert PEER.ceiling is TLP.GREEN
    (entry,) = [one for one in decided(said(tlp=TLP.AMBER)).manifest.entries if one.type == "indicator"]
    assert entry.verdict is Verdict.REFUSE


def test_what_is_read_is_the_rule_and_no_fingerprint() -> None:
    record = from_peer()
    found = rule_in(record)
    assert found is not None
    assert (found.id, found.author) == (record.id, OTHER)
    assert found.rule.correlation == read_rule(TEXT.encode(), "mine").correlation
    assert indicators_from([record]) == ()
    assert unusable_in([record]) == ()
    assert rule_in(of_type(confirmed(), "campaign")) is None


def test_revoked_is_none() -> None:
    assert rule_in(from_peer(revoked=True)) is None


def _claims(**changes: str) -> dict[str, Any]:
    name = extension_id(RuleExtension)
    return {"extensions": {name: value_of(said()[-1])["extensions"][name] | changes}}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"extensions": {extension_id(FingerprintExtension): {"extension_type": "property-extension"}}},
            "of which conduct",
        ),
        (_claims(category="cyber.phishing"), "another conduct"),
        (_claims(category="politics.protest"), "another conduct"),
        (_claims(evidence_status="theoretical"), "never tried"),
        (_claims(basis="."), "basis"),
        ({"pattern": rule(SAYS_REFUND, category="politics.protest")}, "never a category"),
        ({"pattern": rule("selection:\n  Image: x")}, "Image"),
        ({"pattern": rule("selection:\n  actor: somebody\n  kind: x")}, "single one out"),
    ],
)
def test_what_is_refused_of_a_peer(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        rule_in(from_peer(**changes))


def test_said_again_it_is_a_later_version_of_the_same() -> None:
    first = said()[-1]
    again = describe_rule(
        read_rule(TEXT.encode(), "mine"), author=AUTHOR, name="node", tlp=TLP.GREEN, status=EvidenceStatus.OBSERVED,
        basis="It rang twice, and a reviewer agreed.", now=NOW.replace(year=2027), before=lambda _: first,
    )[-1]  # fmt: skip
    assert (again.id, value_of(again)["created"]) == (first.id, value_of(first)["created"])
    assert again.version > first.version == micros(NOW) - micros(NOW) % 1_000
