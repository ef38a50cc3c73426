"""Noisy counts as records, and such records read.

Enters: what this node drew, and who speaks; or a record as it was kept. Leaves: the definition of the extension and the
note that carries it, ready for the gate; or what a received one says. Refuses: a note whose id is not of its week
and list, so that an author can say one thing of each week, and a count that its author did not sign.
"""

import msgspec

from tocsin.kernel import BadInput, Record
from tocsin.kernel.counts import NoisyCount
from tocsin.share.describe_agreed import Speaker, checked
from tocsin.taxonomy.counted import cells
from tocsin.wire.stix import NoisyCountExtension, extension_id, parse, read
from tocsin.wire.stix.builders_agreed import make_count
from tocsin.wire.stix.kinds_counts import count_note

_MARK = extension_id(NoisyCountExtension).encode()


def describe_count(count: NoisyCount, voice: Speaker) -> tuple[Record, ...]:
    """A count as records, the note last, not yet signed."""
    named = zip(cells(count.list), count.values, strict=True)
    said = checked(
        {
            "week": count.week,
            "list_of": count.list.value,
            "unit": "actor-week",
            "bound": count.bound,
            "mechanism": "discrete-laplace",
            "coverage": 95,
            "epsilon": count.epsilon,
            "scale": count.scale,
            "half_width": count.half_width,
            "counts": [{"of": of, "value": value} for of, value in named],
        },
        NoisyCountExtension,
    )
    item = make_count(said, author=voice.author, tlp=voice.tlp, created=voice.moment)
    return voice.records(item, NoisyCountExtension)


def count_in(record: Record) -> NoisyCountExtension | None:
    """The count that a record is; None for another record. Raises BadInput for one that proves nothing."""
    if record.type != "note" or _MARK not in record.stix:
        return None
    try:
        said = read(parse(record.stix), NoisyCountExtension)
    except msgspec.ValidationError as error:
        raise BadInput(f"this is not as /schemas/{NoisyCountExtension.NAME}-1.json says: {error}") from None
    if said is None:
        return None
    if record.root is None:
        raise BadInput("its author did not sign it: it proves nothing")
    if record.id != count_note(record.author, said.week, said.list_of):
        raise BadInput("its id is not made of its week and list: ask its author for the whole record")
    return said
