"""Signed objects: whatever the bytes, a verdict; what verifies can be narrowed, joined again, and is the same."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    import msgspec

    from tocsin.kernel import BadInput
    from tocsin.trust.signed_fields import Refused, verify, withhold
    from tocsin.trust.views import merge


def one(data: bytes) -> None:
    """A verified object gives views that verify, and that join to it."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    if not isinstance(value, dict):
        return
    found = verify(value)
    if isinstance(found, Refused):
        assert found.reason
        return
    for pointer in found.shown:
        try:
            view = withhold(value, [pointer])
        except BadInput:
            continue
        seen = verify(view)
        assert not isinstance(seen, Refused)
        assert seen.withheld == found.withheld + 1
        joined = merge(view, value)
        assert isinstance(joined, dict)
        assert verify(joined) == found


if __name__ == "__main__":
    fuzz(one)
