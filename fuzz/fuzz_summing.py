"""Messages of a sum as a peer gives them: each a message or BadInput; and as what each party hears."""

import contextlib

import atheris

from fuzz.harness import clock, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tests.summing import Spent, adding, epoch, makings, text
    from tocsin.app.sum_epoch import Hello, Made, decoded
    from tocsin.kernel import TocsinError
    from tocsin.trust.summing import Evaluator, Tagging, read_share, rung
    from tocsin.trust.summing.messages import Bits, Boxed, Submission, Sums, decode, encode
    from tocsin.trust.summing.submitting import Submitted

_MADE = epoch()
_A, _B, _ = _MADE.roster.names
_SUBMITTED = Submitted(0, (b"", b""), (b"",) * 100)


def entropy(size: int) -> bytes:
    return b"\x01" * size


_TAGGING = Tagging(_MADE.roster, _MADE.shares[_A].group, [text(1)], entropy=entropy)


def one(data: bytes) -> None:
    """As each message, and as what each party hears, first and next."""
    for kind in (Boxed, Submission, Sums, Bits):
        with contextlib.suppress(TocsinError):
            message = decode(data, kind)
            assert decode(encode(message), kind) == message
    for greeting in (Hello, Made):
        with contextlib.suppress(TocsinError):
            decoded(data, greeting)
    making = makings(_MADE.roster, _MADE.boxes)[_A]
    left, _ = adding(_MADE)
    serving = Evaluator(_MADE.roster, _MADE.shares[_B], spending=Spent(), clock=clock, entropy=entropy)
    for part in data.split(b"\xff\xff\xff\xff"):
        for hearing in (
            lambda raw: making.hear(_B, raw),
            lambda raw: serving.answer(_A, raw),
            lambda raw: _TAGGING.hear(_B, raw),
            lambda raw: left.take(_A, raw),
            lambda raw: rung(
                _MADE.roster,
                _A,
                _MADE.boxes[_A],
                _SUBMITTED,
                {each.name: raw for each in _MADE.roster.aggregators},
            ),
            read_share,
        ):
            with contextlib.suppress(TocsinError):
                hearing(part)
    left.close()
    with contextlib.suppress(TocsinError):
        left.hear_roll(data)
    with contextlib.suppress(TocsinError):
        left.hear_sums(data)


if __name__ == "__main__":
    fuzz(one)
