"""Hostile holders and aggregators of a look. What is refused, and what is not noticed."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.summing import (
    NOW,
    adding,
    clock,
    concluded,
    counts,
    epoch,
    five,
    held,
    look,
    names,
    no_noise,
    raised,
    text,
)
from tocsin.kernel import BadInput, Conflict, TocsinError, TooLarge
from tocsin.kernel.sums import COMPONENTS, Held
from tocsin.trust.boxes import Box, seal_to
from tocsin.trust.summing import Aggregator, Submitted, rung, submit
from tocsin.trust.summing.messages import (
    MAX_MESSAGE_BYTES,
    Bits,
    Boxed,
    Message,
    Roll,
    Submission,
    Sums,
    box_label,
    decode,
    encode,
)

A, B, C = names(3)
MADE = epoch()
LEFT, RIGHT = (one.name for one in MADE.roster.aggregators)


def at(moment: datetime) -> datetime:
    return moment


def put(raw: bytes, kind: type[Any], **fields: Any) -> bytes:
    return encode(msgspec.structs.replace(decode(raw, kind), **fields))


def sealed(submission: Submission, sender: str = A, aggregator: int = 0, look: int = 0) -> bytes:
    to = MADE.roster.aggregators[aggregator]
    label = box_label(MADE.roster, "submission", sender, to.name, look)
    box = seal_to(to.box, encode(submission), label)
    return encode(Boxed(roster=MADE.roster.digest, look=look, box=box))


def whole(entries: int = 100, **more: bytes) -> Submission:
    fields = {"tags": secrets.token_bytes(16 * entries), "links": bytes(80 * entries)}
    return Submission(**(fields | {"shares": bytes(4 * COMPONENTS * entries)} | more))


def test_sizes_of_a_submission_that_lie() -> None:
    for submission, why in (
        (whole(99), "size"),
        (whole(101), "size"),
        (whole(0), "size"),
        (whole(tags=bytes(16 * 100)), "twice"),
        (whole(tags=secrets.token_bytes(16 * 100 + 1)), "one size"),
        (whole(links=bytes(80 * 99)), "one size"),
        (whole(shares=bytes(4 * COMPONENTS * 100 - 1)), "one size"),
        (whole(shares=bytes(4 * COMPONENTS * 101)), "one size"),
    ):
        one, _ = adding(MADE)
        with pytest.raises(BadInput, match=why):
            one.take(A, sealed(submission))
        assert one.taken == ()
    one, _ = adding(MADE)
    with pytest.raises(TocsinError):
        one.take(A, sealed(whole(12_000)))
    with pytest.raises(TooLarge):
        one.take(A, bytes(MAX_MESSAGE_BYTES + 1))
    one.take(A, sealed(whole()))


def test_replays_and_duplicates() -> None:
    one, other = adding(MADE)
    submitted = raised(MADE, A, held({1: 3}))
    again = raised(MADE, A, held({1: 3}))
    one.take(A, submitted.boxes[0])
    one.take(A, submitted.boxes[0])  # the answer was lost
    assert one.taken == (A,)
    with pytest.raises(Conflict, match="another submission"):
        one.take(A, again.boxes[0])
    for taking, sender, box in (
        (one, B, submitted.boxes[0]),  # of another participant
        (other, A, submitted.boxes[0]),  # for the other aggregator
        (other, A, sealed(whole())),
    ):
        with pytest.raises(BadInput, match="does not open"):
            taking.take(sender, box)
    later, _ = adding(MADE, look=1)
    with pytest.raises(Conflict, match="another look"):
        later.take(A, submitted.boxes[0])
    with pytest.raises(BadInput, match="does not open"):
        later.take(A, put(submitted.boxes[0], Boxed, look=1))
    with pytest.raises(Conflict, match="another roster"):
        one.take(B, put(submitted.boxes[0], Boxed, roster=bytes(32)))
    with pytest.raises(BadInput, match="participant"):
        one.take("identity--mallory", submitted.boxes[0])
    one.close()
    with pytest.raises(Conflict, match="closed"):
        one.take(B, raised(MADE, B, {}).boxes[0])


def test_an_aggregator_that_begins_anew_comes_to_the_same_or_to_nothing() -> None:
    pair, _ = taken((A, held({1: 3})), (B, held({1: 3})))
    said = pair[0].close()
    submissions = {name: pair[0]._kept[name].raw for name in (A, B)}

    def anew() -> Aggregator:
        return Aggregator(
            *(MADE.roster, LEFT, MADE.boxes[LEFT], 0),
            noise=no_noise,
            rings=five,
            clock=clock,
            closed=said,
        )

    again = anew()
    again.take(A, submissions[A])
    with pytest.raises(Conflict, match="lost"):
        again.close()
    with pytest.raises(Conflict, match="closed"):
        again.take(C, raised(MADE, C, held({1: 3})).boxes[0])
    with pytest.raises(Conflict, match="closed"):
        again.take(B, raised(MADE, B, held({2: 3})).boxes[0])
    again.take(B, submissions[B])
    assert again.close() == said
    concluded(again, pair[1])
    assert again.summed == 1


def test_another_week() -> None:
    submitted = raised(MADE, A, {})
    for moment in (NOW - timedelta(days=7), NOW + timedelta(days=7)):
        one = Aggregator(
            MADE.roster, LEFT, MADE.boxes[LEFT], 0, noise=no_noise, rings=five, clock=partial(at, moment)
        )
        with pytest.raises(Conflict, match="not now"):
            one.take(A, submitted.boxes[0])
    for number in (-1, 7):
        with pytest.raises(BadInput, match="7 looks"):
            submit(MADE.roster, A, number, {}, {}, secrets.token_bytes)
        with pytest.raises(BadInput, match="7 looks"):
            adding(MADE, look=number)


def taken(*who: tuple[str, dict[bytes, Held]]) -> tuple[tuple[Aggregator, Aggregator], dict[str, Submitted]]:
    pair, submitted = adding(MADE), {name: raised(MADE, name, keys) for name, keys in who}
    for name, one in submitted.items():
        for aggregator, raw in zip(pair, one.boxes, strict=True):
            aggregator.take(name, raw)
    return pair, submitted


def answers(pair: tuple[Aggregator, Aggregator], name: str) -> dict[str, bytes]:
    return {LEFT: pair[0].bits(name), RIGHT: pair[1].bits(name)}


def test_a_holder_that_tells_the_aggregators_different_keys_is_left_out_by_both() -> None:
    pair = adding(MADE)
    for name in (A, B):
        for aggregator, raw in zip(pair, raised(MADE, name, held({1: 3})).boxes, strict=True):
            aggregator.take(name, raw)
    one, other = raised(MADE, C, held({1: 3})), raised(MADE, C, held({2: 3}))
    pair[0].take(C, one.boxes[0])
    pair[1].take(C, other.boxes[1])
    concluded(*pair)
    assert [each.left_out[C] for each in pair] == ["it sent different keys to the two aggregators"] * 2
    assert pair[0].summed == 1
    with pytest.raises(BadInput, match="different keys"):
        pair[0].bits(C)


def test_an_aggregator_that_drops_a_submission_is_seen() -> None:
    pair, _ = taken((A, held({1: 3})), (B, held({1: 3})), (C, held({1: 3})))
    first, second = pair[0].close(), pair[1].close()
    listed = tuple(one for one in decode(second, Roll).listed if one.name != C)
    pair[0].hear_roll(put(second, Roll, listed=listed))
    assert pair[0].left_out == {C: f"{RIGHT} has nothing from it"}
    pair[1].hear_roll(first)
    second = pair[1].sums()
    with pytest.raises(Conflict, match="other tags"):
        pair[0].hear_sums(second)


def resealed(pair: tuple[Aggregator, Aggregator], change: Callable[[Sums], Message]) -> bytes:
    """What the second aggregator says of its sums, changed by itself."""
    boxed = decode(pair[1].sums(), Boxed)
    label = box_label(MADE.roster, "sums", RIGHT, LEFT, 0)
    told = decode(MADE.boxes[LEFT].open(boxed.box, label), Sums)
    box = seal_to(MADE.boxes[LEFT].public, encode(change(told)), label)
    return encode(msgspec.structs.replace(boxed, box=box))


def test_an_aggregator_that_alters_a_share_is_not_noticed_unless_it_says_two_things() -> None:
    """It adds two accounts to a sum of four: the other believes it. It can only be told by its own bit."""
    pair, submitted = taken((A, held({1: 2})), (B, held({1: 2})))
    first, second = pair[0].close(), pair[1].close()
    pair[0].hear_roll(second)
    pair[1].hear_roll(first)

    def more(told: Sums) -> Sums:
        values = np.frombuffer(told.values, "<u4").copy()
        values[0] += 2
        return msgspec.structs.replace(told, values=values.tobytes())

    pair[0].hear_sums(resealed(pair, more))
    pair[1].hear_sums(pair[0].sums())
    heard = rung(MADE.roster, A, MADE.boxes[A], submitted[A], answers(pair, A))
    assert not heard.ringing
    assert heard.differing == {text(1)}
    lying = answers(pair, A) | {RIGHT: bits(submitted[A], A, lambda key: key == text(1))}
    assert rung(MADE.roster, A, MADE.boxes[A], submitted[A], lying).ringing == {text(1)}


def bits(submitted: Submitted, name: str, rings: Callable[[bytes], bool], **more: Any) -> bytes:
    """What the second aggregator would say to a node."""
    packed = np.packbits(np.array([rings(one) for one in submitted.keys])).tobytes()
    told = msgspec.structs.replace(Bits(entries=len(submitted.keys), bits=packed), **more)
    label = box_label(MADE.roster, "bits", RIGHT, name, submitted.look)
    box = seal_to(MADE.boxes[name].public, encode(told), label)
    return encode(Boxed(roster=MADE.roster.digest, look=submitted.look, box=box))


def test_sums_that_do_not_fit() -> None:
    pair, _ = taken((A, held({1: 3})), (B, held({1: 3})))
    with pytest.raises(Conflict, match="closed first"):
        pair[0].hear_roll(pair[1].close())
    first = pair[0].close()
    with pytest.raises(Conflict, match="agreed first"):
        pair[0].sums()
    listed = decode(pair[1].close(), Roll).listed
    for changed, why in (
        ({"look": 1}, "look"),
        ({"roster": bytes(32)}, "roster"),
        ({"listed": listed * 2}, "twice"),
    ):
        fresh, _ = taken((A, held({1: 3})), (B, held({1: 3})))
        fresh[0].close()
        with pytest.raises(TocsinError, match=why):
            fresh[0].hear_roll(put(first, Roll, **changed))
    pair[0].hear_roll(pair[1].close())
    pair[0].hear_roll(pair[1].close())
    with pytest.raises(Conflict, match="two different things"):
        pair[0].hear_roll(put(pair[1].close(), Roll, listed=()))
    pair[1].hear_roll(first)
    with pytest.raises(Conflict, match="scored first"):
        pair[0].bits(A)
    for change in (
        lambda told: msgspec.structs.replace(told, values=told.values[:-4]),
        lambda told: msgspec.structs.replace(told, order=bytes(32)),
    ):
        copy, _ = taken((A, held({1: 3})), (B, held({1: 3})))
        one, other = copy[0].close(), copy[1].close()
        copy[0].hear_roll(other)
        copy[1].hear_roll(one)
        with pytest.raises(Conflict, match="other tags"):
            copy[0].hear_sums(resealed(copy, change))
    with pytest.raises(BadInput, match="does not open"):
        pair[0].hear_sums(encode(Boxed(roster=MADE.roster.digest, look=0, box=bytes(100))))


def test_bits_that_do_not_fit() -> None:
    pair, submitted = taken((A, held({1: 3})), (B, held({1: 3})))
    concluded(*pair)
    mine, box = submitted[A], MADE.boxes[A]

    def read(told: dict[str, bytes]) -> None:
        rung(MADE.roster, A, box, mine, told)

    good = answers(pair, A)
    read(good)
    for told, why in (
        ({LEFT: good[LEFT]}, "both"),
        (good | {RIGHT: good[LEFT]}, "does not open"),
        (answers(pair, B), "does not open"),
        (good | {RIGHT: bits(mine, A, lambda _: True, entries=99)}, "each entry"),
        (good | {RIGHT: bits(mine, A, lambda _: True, bits=bytes(99))}, "each entry"),
        (good | {RIGHT: put(good[RIGHT], Boxed, look=1)}, "look"),
        (good | {RIGHT: put(good[RIGHT], Boxed, roster=bytes(32))}, "roster"),
    ):
        with pytest.raises(TocsinError, match=why):
            read(told)


def test_what_a_liar_can_do() -> None:
    """Within the clip one made-up vector makes a key ring; beyond it the key is void, and rings for nobody."""
    heard = look(MADE, {A: held({1: 2}), C: {text(1): Held(counts(500))}}, rings=five)
    assert heard[A].ringing == {text(1)}
    for lie in (64 * 3, -3, 1 << 30):
        pair, honest = taken((A, held({1: 3})), (B, held({1: 3})))
        mask, made_up = np.zeros((100, COMPONENTS), "<u4"), np.zeros((100, COMPONENTS), "<i4")
        liar = raised(MADE, C, held({1: 3}))
        label = box_label(MADE.roster, "submission", C, LEFT, 0)
        told = decode(MADE.boxes[LEFT].open(decode(liar.boxes[0], Boxed).box, label), Submission)
        made_up[:, 0] = lie
        for at, shares in enumerate((mask.tobytes(), made_up.tobytes())):
            changed = msgspec.structs.replace(told, shares=shares)
            pair[at].take(C, sealed(changed, C, at))
        concluded(*pair)
        assert pair[0].void == pair[1].void == (0 if lie == -3 else 1)
        heard_by_a = rung(MADE.roster, A, MADE.boxes[A], honest[A], answers(pair, A))
        # Below zero it is not seen, as long as the sum is not: that is how one who holds a key keeps it silent.
        assert heard_by_a.ringing == set()


def test_a_box_that_is_not_the_rosters() -> None:
    with pytest.raises(BadInput, match="box"):
        Aggregator(MADE.roster, LEFT, Box(bytes(31) + b"\x01"), 0, noise=no_noise, rings=five, clock=clock)
    with pytest.raises(BadInput, match="aggregator"):
        Aggregator(MADE.roster, A, MADE.boxes[A], 0, noise=no_noise, rings=five, clock=clock)


def test_a_value_without_its_output() -> None:
    with pytest.raises(BadInput, match="values_of"):
        submit(MADE.roster, A, 0, held({1: 3}), {}, secrets.token_bytes)
    many = {b"%d" % one: Held(counts(2)) for one in range(10_001)}
    with pytest.raises(TooLarge, match="10000"):
        submit(MADE.roster, A, 0, many, {}, secrets.token_bytes)
