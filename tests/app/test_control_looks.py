"""A person in the loop: a record counts of a long enough look at exactly this act, by somebody who can stop it."""

import hashlib
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.admission import gateway, later, put_in_force, released
from tests.app.test_admission import ASKED
from tests.fixtures import Made
from tests.kept_releases import reviewer
from tocsin.admit.control import LEAST_LOOK_SECONDS, MOST_LOOK_SECONDS, control_statement
from tocsin.app.admission import STALE_SECONDS
from tocsin.kernel import BadInput, Caller, Conflict, NotAllowed, NotFound, micros
from tocsin.kernel.admission import AccessAct, AccessRequest, ControlLook
from tocsin.kernel.release import Tier
from tocsin.trust.signing_keys import sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes, parse_envelope

PICTURE = hashlib.sha256(b"move the valve of the dam to 20 %").hexdigest()
ACT = msgspec.structs.replace(ASKED, act=AccessAct.OPERATE, capability="valve", shown=PICTURE, input=PICTURE)


class Dam:
    """A node whose capability asks for a person, a gateway, and two people."""

    def __init__(self, made: Made) -> None:
        self.made = made
        put_in_force(made, released(Tier.LIMITED))
        made.node.admitting.ask_of(made.node.access.operator(), ACT.model, "valve", human=True)
        source = made.node.access.authenticate(gateway(made))
        assert source is not None
        self.source: Caller = source
        self.ada, self.bo = reviewer(made, "ada")[0], reviewer(made, "bo")[0]
        self.looks = made.node.control_looks

    def record(self, request: AccessRequest = ACT, seconds: float = LEAST_LOOK_SECONDS) -> tuple[str, bytes]:
        look = self.looks.ask(self.source, request)
        self.looks.open(self.ada, look.id, request.shown)
        later(self.made, seconds)
        return look.id, self.looks.approve(self.ada, look.id)

    def asked(self, record: bytes, **changes: Any) -> tuple[bool, str]:
        """Whether it is granted with this record, and else by which rule not."""
        request = msgspec.structs.replace(ACT, control=record, **changes)
        answer = self.made.node.admission.answered(request).answer
        return answer.granted, answer.reasons[0].rule.removeprefix("admission.")


@pytest.fixture
def dam(copied: Made) -> Dam:
    return Dam(copied)


NOBODY = (False, "no-person-in-the-loop")


def test_a_look_that_was_long_enough_opens_and_stopping_it_closes(dam: Dam) -> None:
    assert dam.asked(b"") == NOBODY
    look, record = dam.record()
    assert dam.asked(record) == (True, "released")
    answer = dam.made.node.admission.answered(msgspec.structs.replace(ACT, control=record)).answer
    assert [(one.kind.value, dict(one.values)) for one in answer.obligations] == [
        ("human-in-the-loop", {"ask_again_seconds": 5})
    ]
    dam.looks.stop(dam.bo, look)
    later(dam.made, STALE_SECONDS)
    assert dam.asked(record) == NOBODY
    acts = [
        row.act for row in dam.made.node.store.audit.read() if row.act in {"access.approve", "access.stop"}
    ]
    assert acts == ["access.stop", "access.approve"]


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "ps_eve"},
        {"act": AccessAct.USE},
        {"capability": "valve2"},
        {"purpose": "defence"},
        {"input": "00" * 32},
        {"shown": "00" * 32},
        {"shown": ""},
    ],
    ids=str,
)
def test_a_record_is_of_one_act_and_one_picture(dam: Dam, changes: dict[str, Any]) -> None:
    dam.made.node.admitting.ask_of(dam.made.node.access.operator(), ACT.model, "valve2", human=True)
    _, record = dam.record()
    assert dam.asked(record, **changes) == NOBODY


def test_a_glance_and_an_absence_are_no_look_and_nobody_else_approves_it(dam: Dam) -> None:
    look = dam.looks.ask(dam.source, ACT, least_seconds=30)
    with pytest.raises(Conflict, match="open it first"):
        dam.looks.approve(dam.ada, look.id)
    with pytest.raises(Conflict, match="not what is to be approved"):
        dam.looks.open(dam.ada, look.id, "00" * 32)
    dam.looks.open(dam.ada, look.id, PICTURE)
    later(dam.made, 29)
    with pytest.raises(BadInput, match="30 seconds"):
        dam.looks.approve(dam.ada, look.id)
    with pytest.raises(Conflict):
        dam.looks.approve(dam.bo, look.id)
    later(dam.made, MOST_LOOK_SECONDS)
    with pytest.raises(Conflict, match="too long"):
        dam.looks.approve(dam.ada, look.id)
    for nobody in (dam.source, dam.made.node.access.operator()):
        with pytest.raises(NotAllowed):
            dam.looks.open(nobody, look.id, PICTURE)
    with pytest.raises(NotFound):
        dam.looks.stop(dam.ada, "look_0")
    with pytest.raises(BadInput):
        dam.looks.ask(dam.source, msgspec.structs.replace(ACT, shown=""))


def test_an_approval_is_of_now(dam: Dam) -> None:
    _, record = dam.record()
    later(dam.made, 3_599)
    assert dam.asked(record)[0]
    later(dam.made, 1)
    assert dam.asked(record) == NOBODY


def _forged(dam: Dam, **changes: Any) -> list[bytes]:
    """The look as it was, said otherwise: under another key, and by bending the node's own record."""
    look, record = dam.record()
    kept = dam.made.node.store.admission.look(look)
    assert kept is not None
    statement = control_statement(msgspec.structs.replace(kept, **changes), dam.made.node.node_id)
    other = envelope_bytes(
        sealed(ec.generate_private_key(ec.SECP256R1()), IN_TOTO_TYPE, statement.to_bytes())
    )
    value = json.loads(record)
    value["payload"] = json.loads(other)["payload"]
    return [other, json.dumps(value).encode(), record[:-10], b"{}", b"yes"]


def test_a_forged_record_is_none(dam: Dam) -> None:
    for record in _forged(dam, least_seconds=11):
        assert dam.asked(record) == NOBODY
    assert parse_envelope(_forged(dam)[0]).payload_type == IN_TOTO_TYPE


def test_a_record_of_the_nodes_own_key_is_still_measured(dam: Dam) -> None:
    """Whoever has the key could sign anything: too short a look, or one that nobody could stop, does not count."""
    from tocsin.app.exempting import sealed_statement

    look, _ = dam.record()
    kept = dam.made.node.store.admission.look(look)
    assert kept is not None
    assert kept.approved is not None

    def signed(made: ControlLook) -> bytes:
        return sealed_statement(dam.made.node.data, control_statement(made, dam.made.node.node_id))

    assert dam.asked(signed(kept)) == (True, "released")
    for bent in (
        msgspec.structs.replace(kept, opened=kept.approved - 9_000_000),
        msgspec.structs.replace(kept, opened=kept.approved - 9_000_000, least_seconds=1),
        msgspec.structs.replace(kept, opened=kept.approved - 3_601_000_000),
        msgspec.structs.replace(kept, id="look_nobody_holds"),
        msgspec.structs.replace(kept, by="user_other"),
        msgspec.structs.replace(kept, approved=micros(dam.made.now) + 900_000_000),
    ):
        assert dam.asked(signed(bent)) == NOBODY


def test_nobody_approves_for_themselves(dam: Dam) -> None:
    own = msgspec.structs.replace(ACT, subject=dam.ada.user)
    _, record = dam.record(own)
    assert dam.asked(record, subject=dam.ada.user) == NOBODY
