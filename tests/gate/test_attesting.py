"""A decision that another node verifies: by key, bytes, approvals and days, and by asking the same policies again."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.gate.making import ARTEFACT, NOW, POLICIES, brought, decided, evaluation, line
from tocsin.gate.attesting import Accepted, Refused, read_decision, statement_of, verify, why
from tocsin.gate.words import sentences
from tocsin.kernel import BadInput
from tocsin.kernel.release import ReleaseDecision, Tier
from tocsin.trust.signing_keys import sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes, parse_envelope
from tocsin.wire.in_toto import Statement

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
FILES = {"config.json": "01" * 32, "model.safetensors": "02" * 32}
BASIS = "measured by registered plans"


def in_force(given: Any = None) -> ReleaseDecision:
    decision = decided(given, benefits="students use it")
    return msgspec.structs.replace(decision, approvals=(("ada", 1), ("bo", 2)))


def judged(statement: Statement, **how: Any) -> Accepted | Refused:
    envelope = parse_envelope(envelope_bytes(sealed(KEY, IN_TOTO_TYPE, statement.to_bytes())))
    given: dict[str, Any] = {"at": NOW, "files": FILES, "policies": POLICIES} | how
    return verify(envelope, [OTHER.public_key(), KEY.public_key()], **given)


def bent(statement: Statement, **changes: Any) -> Statement:
    return msgspec.structs.replace(statement, predicate={**statement.predicate, **changes})


def test_another_node_verifies_it() -> None:
    told = judged(statement_of(in_force(), FILES))
    assert isinstance(told, Accepted)
    assert (told.decision.tier, told.decision.approvals, told.asked_again, told.files) == (
        Tier.OPEN_WEIGHTS,
        2,
        True,
        True,
    )
    assert told.decision.allows == dict.fromkeys(
        ("restricted", "staged-api", "limited", "open-weights"), True
    )
    whole = judged(statement_of(in_force(), {}), files={"weights": "09" * 32}, whole=ARTEFACT)
    assert isinstance(whole, Accepted)
    unseen = judged(statement_of(in_force(), FILES), files=None, policies=None)
    assert isinstance(unseen, Accepted)
    assert (unseen.files, unseen.asked_again) == (False, False)


def test_it_names_nobody() -> None:
    # with what surrounds a value: three letters may stand in any digest
    assert b'"ada"' not in statement_of(in_force(), FILES).to_bytes()


def test_each_thing_that_is_wrong_refuses() -> None:
    right = statement_of(in_force(), FILES)
    wrong: list[tuple[str, Statement, dict[str, Any]]] = [
        ("answer.other-bytes", right, {"files": {**FILES, "more.bin": "03" * 32}}),
        ("answer.other-bytes", right, {"files": {"config.json": "01" * 32}}),
        ("answer.other-bytes", right, {"files": {**FILES, "config.json": "03" * 32}}),
        ("answer.not-approved", bent(right, approvals=1), {}),
        ("answer.expired", right, {"at": NOW + timedelta(days=400)}),
        ("answer.not-yet", right, {"at": NOW - timedelta(days=1)}),
        ("answer.at-odds", bent(right, tier="limited"), {"policies": None}),
        ("answer.at-odds", bent(right, artefact="00" * 32), {}),
    ]
    for reason, statement, how in wrong:
        told = judged(statement, **how)
        assert isinstance(told, Refused), reason
        assert reason in told.reasons
        assert why(reason, "zh") == sentences()[reason].zh
    stranger = sealed(Ed25519PrivateKey.from_private_bytes(b"s" * 32), IN_TOTO_TYPE, right.to_bytes())
    assert verify(stranger, [KEY.public_key()], at=NOW) == Refused(("answer.unknown-key",))
    assert verify(stranger, [], at=NOW) == Refused(("answer.unknown-key",))


def test_a_tier_that_the_same_policies_do_not_give_is_refused() -> None:
    restricted = statement_of(in_force(brought(evaluation(line("above")))), FILES)
    opened = bent(
        restricted,
        tier="open-weights",
        allows=dict.fromkeys(("restricted", "staged-api", "limited", "open-weights"), True),
    )
    told = judged(opened)
    assert isinstance(told, Refused)
    assert told.reasons == ("answer.not-what-policies-say",)
    unknown = judged(bent(restricted, asked={"karma": 5}))
    assert isinstance(unknown, Refused)
    assert isinstance(
        judged(bent(opened, policies="00" * 32)), Accepted
    )  # decided by policies that we do not have


@pytest.mark.parametrize(
    "changes", [{"tier": "wide-open"}, {"decided": "2026-11-22T12:00:00"}, {"allows": 5}]
)
def test_what_is_no_decision_is_bad_input(changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="not a release decision"):
        read_decision(bent(statement_of(in_force(), FILES), **changes))
    with pytest.raises(BadInput, match="is read"):
        read_decision(Statement((), "https://example.org/other", {}))
