"""Messages of joint cases as peers give them: what each says, or BadInput; and any of them make a state."""

import contextlib

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    import msgspec

    from tocsin.cases.joint import merge
    from tocsin.kernel import TLP, BadInput, Origin, Record
    from tocsin.share.describe_joint import message_in
    from tocsin.wire.stix import JointMessageExtension
    from tocsin.wire.stix.kinds_joint import as_message


def one(data: bytes) -> None:
    """The bytes as a note; and as messages, one a line, in either order."""
    record = Record(
        id="note--5d2c6f1e-8a34-5b7d-9c60-3f1b7a0e4d28",
        type="note",
        version=0,
        stix=data,
        origin=Origin.PEER,
        author="identity--5d2c6f1e-8a34-5b7d-9c60-3f1b7a0e4d28",
        tlp=TLP.AMBER_STRICT,
        category="",
        added=0,
        root=b"signed",
    )
    with contextlib.suppress(BadInput):
        message_in(record)
    said = []
    for line in data.splitlines():
        try:
            message = msgspec.json.decode(line, type=JointMessageExtension)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        said.append(as_message(message, message.party))
    for case in {one.case for one in said}:
        assert merge(case, said) == merge(case, reversed(said))


if __name__ == "__main__":
    fuzz(one)
