"""A chain of custody names what was dropped, reordered or changed, and holds for nothing else."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.cases.evidence import Facts, extended, facts_bytes, read_facts, verify
from tocsin.cases.evidence.chain import read_step, step_line
from tocsin.kernel import BadInput
from tocsin.kernel.custody import CustodyAct, CustodyStep
from tocsin.trust.identity import NodeIdentity

replace = msgspec.structs.replace
NODE, OTHER = NodeIdentity(bytes(32)), NodeIdentity(bytes([1]) * 32)
FACTS = facts_bytes(
    Facts(
        exhibit="ex_a",
        case="c1",
        sha256="ab" * 32,
        size=3,
        media_type="text/plain",
        name="1.txt",
        received=5,
        by="report",
        salt="00" * 16,
    )
)


def chain(number: int, identity: NodeIdentity = NODE) -> list[CustodyStep]:
    steps: list[CustodyStep] = []
    for at in range(number):
        step = CustodyStep(
            exhibit="ex_a", number=0, at=at, by="u1", act=CustodyAct.OPENED, how=f"look {at}", result="given"
        )
        last = steps[-1] if steps else None
        steps.append(extended(FACTS, last, step, key=identity.public, sign=identity.sign))
    return steps


def wrong(steps: list[CustodyStep], facts: bytes = FACTS, expected: int | None = None) -> tuple[int, str]:
    broken = verify("ex_a", facts, steps, {NODE.public}, expected=expected)
    return (0, "") if broken is None else (broken.number, broken.reason)


def test_a_whole_chain_holds() -> None:
    assert wrong(chain(5), expected=5) == (0, "")


def test_what_is_dropped_reordered_or_changed_is_named() -> None:
    steps = chain(5)
    assert wrong(steps[:2] + steps[3:]) == (3, "step 3 is not where it belongs: it was dropped")
    swapped = [steps[0], steps[2], steps[1], *steps[3:]]
    assert wrong(swapped) == (2, "step 2 is not where it belongs: step 3 stands in its place")
    assert "were dropped" in wrong(steps[:3], expected=5)[1]
    assert wrong([]) == (1, "there is no step at all: this exhibit has no history")
    assert wrong([replace(steps[0], number=1), *steps])[0] == 2
    renumbered = [replace(step, number=place) for place, step in enumerate(steps[1:], 1)]
    assert wrong(renumbered) == (1, "the exhibit's facts or step 1 was changed after it was written")
    assert wrong(steps, facts=FACTS.replace(b"abab", b"abac"))[0] == 1
    assert "another exhibit" in wrong([replace(step, exhibit="ex_b") for step in steps])[1]
    assert "not this node's" in wrong(chain(2, OTHER))[1]
    assert "signature of step 2" in wrong([steps[0], replace(steps[1], signature=bytes(64)), *steps[2:]])[1]
    assert wrong(steps, facts=b"") == (0, "")


FIELDS = ("at", "by", "act", "how", "result", "chain", "signature", "key")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_change_of_any_field_is_found_at_its_step(data: st.DataObject) -> None:
    steps = chain(3)
    place, name = data.draw(st.integers(0, 2)), data.draw(st.sampled_from(FIELDS))
    was = getattr(steps[place], name)
    new: int | str | bytes
    if name == "at":
        new = data.draw(st.integers(0, 99).filter(lambda value: value != was))
    elif name == "act":
        new = data.draw(st.sampled_from([one for one in CustodyAct if one != was]))
    elif isinstance(was, bytes):
        flipped = bytearray(was)
        flipped[data.draw(st.integers(0, len(was) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        new = bytes(flipped)
    else:
        new = data.draw(st.text(max_size=12).filter(lambda value: value != was))
    steps[place] = replace(steps[place], **{name: new})
    assert wrong(steps)[0] == place + 1


def test_a_line_is_written_and_read_in_one_form() -> None:
    for step in chain(2):
        assert read_step(step_line(step)) == step
        for bad in (b" " + step_line(step), step_line(step)[:-1], b"{}", b'{"chain": 5}'):
            with pytest.raises(BadInput):
                read_step(bad)
    assert facts_bytes(read_facts(FACTS)) == FACTS
    with pytest.raises(BadInput):
        read_facts(FACTS + b" ")
