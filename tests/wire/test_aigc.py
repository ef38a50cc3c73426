"""GB 45438's field: written strictly, read as producers really write it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.labels import Certainty, ContentLabel
from tocsin.wire import aigc
from tocsin.wire.aigc import Aigc

PRODUCER = "001191110000MA0123456X00001"
OURS = ContentLabel("example.org", "content-1")
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40)


@given(
    producer=NAMES,
    number=NAMES,
    certainty=st.sampled_from(list(Certainty)),
    guard=st.text("0aZ+/=", max_size=40),
)
def test_what_is_written_is_read_again(producer: str, number: str, certainty: Certainty, guard: str) -> None:
    one = Aigc(ContentLabel(producer, number, certainty), guard)
    assert aigc.read(aigc.written(one)) == one


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ('{"Label":"1","ContentProducer":"p","ProduceID":"n","ReservedCode1":"6f9619ff-8b86"}', ()),
        ('{"Label":1,"ContentProducer":"p","ProduceID":"n","ReservedCode1":null}', ()),
        ('{"Label":"AIGC","ContentProducer":"p","ProduceID":"n"}', ("label-in-words",)),
        ('{"AIGC":{"Label":"1","ContentProducer":"p","ProduceID":"n"}}', ("nested",)),
        (json.dumps('{"Label":"1","ContentProducer":"p","ProduceID":"n"}'), ()),
        ('{"AIGC":"{\\"Label\\":\\"1\\",\\"ContentProducer\\":\\"p\\",\\"ProduceID\\":\\"n\\"}"}', ()),
        ('{"label":"1","contentProducer":"p","produceId":"n","model":{"deep":[1]}}', ()),
        ('{"Label":"1","Label":"1","ContentProducer":"p","ProduceID":"n"}', ("keys-twice",)),
    ],
)
def test_as_producers_write_it(text: str, odd: tuple[str, ...]) -> None:
    found = aigc.read(text)
    assert (found.label.producer, found.label.content_id) == ("p", "n")
    assert found.label.certainty is Certainty.CONFIRMED
    assert found.odd == odd


def test_a_label_without_a_producer_is_one_and_odd() -> None:
    assert aigc.read('{"Label":"3"}').odd == ("no-producer",)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"Label":"4"}', '{"Label":"1"} and more', "[" * 500])
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        aigc.read(text)


def test_a_field_of_a_megabyte_is_refused() -> None:
    with pytest.raises(TooLarge):
        aigc.read('{"Label":"1","x":"' + "y" * aigc.MAX_CHARS + '"}')


def test_only_one_label_may_stand() -> None:
    theirs = f'{{"Label":"1","ContentProducer":"{PRODUCER}","ProduceID":"n","Own":"kept"}}'
    with pytest.raises(Conflict, match="another producer"):
        aigc.joined(theirs, Aigc(OURS))
    passed = aigc.joined(theirs, Aigc(ContentLabel("us", "1", propagator="us", propagation_id="7")))
    assert aigc.read(passed).label == ContentLabel(PRODUCER, "n", propagator="us", propagation_id="7")
    assert json.loads(passed)["Own"] == "kept"
    with pytest.raises(Conflict, match="another propagator"):
        aigc.joined(passed, Aigc(ContentLabel("x", "1", propagator="others", propagation_id="8")))


def test_ones_own_label_is_replaced() -> None:
    first = aigc.joined(None, Aigc(OURS))
    assert (
        aigc.read(aigc.joined(first, Aigc(ContentLabel("example.org", "content-2")))).label.content_id
        == "content-2"
    )


@pytest.mark.parametrize(
    "label",
    [
        ContentLabel("", "n"),
        ContentLabel("p", ""),
        ContentLabel("p", "n", propagator="only half"),
        ContentLabel("p" * 300, "n"),
        ContentLabel("p\n", "n"),
    ],
)
def test_names_are_checked_before_they_are_written(label: ContentLabel) -> None:
    with pytest.raises(BadInput):
        aigc.written(Aigc(label))


def test_a_writer_takes_no_longer_guard_than_a_reader() -> None:
    with pytest.raises(TooLarge):
        aigc.written(Aigc(OURS, "g" * aigc.MAX_CHARS))
