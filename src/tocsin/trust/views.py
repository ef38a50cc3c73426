"""Two views of one signed version make one; two versions under one name prove that their author said two things."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.kernel import BadInput
from tocsin.trust.signed_fields import Refused, Signed, Verified, combine, values_of, verify
from tocsin.wire.stix import canonical


class Equivocation(msgspec.Struct, frozen=True):
    """One author signed two contents of one version. `views`, in canonical bytes, prove it to anybody.

    `field` is empty when the roots differ: then the two statements are the proof by themselves. Otherwise one
    root holds two values for `field`, and each view opens one of them.
    """

    first: Signed
    second: Signed
    views: tuple[bytes, bytes]
    field: str = ""

    def detail(self) -> dict[str, str]:
        """For an audit: with the record that is kept, this is the proof, but where `field` is named."""
        signature = base64.urlsafe_b64encode(self.second.signature).rstrip(b"=").decode()
        found = {
            "kept_root": self.first.statement.root,
            "given_root": self.second.statement.root,
            "given_signature": signature,
        }
        return found | ({"field": self.field} if self.field else {})

    def holds(self) -> bool:
        """Whether this proves what it says: checked anew, for it may have come from anybody."""
        try:
            again = merge(msgspec.json.decode(self.views[0]), msgspec.json.decode(self.views[1]))
        except (BadInput, msgspec.MsgspecError, RecursionError):
            return False
        return again == self


def merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any] | Equivocation:
    """The view that shows what either shows; or the proof that they cannot be of one version.

    The order of the two does not matter, and merging again changes nothing. Raises BadInput when either does not
    verify, or they are of two objects, versions or authors.
    """
    first, second = _verified(one), _verified(other)
    if _version(first) != _version(second):
        raise BadInput("two views of one version merge; these are of two")
    if first.root != second.root:
        return _equivocation(first, second, one, other)
    shown, also = values_of(one), values_of(other)
    for path in sorted(shown.keys() & also.keys()):
        if shown[path] != also[path]:
            return _equivocation(first, second, one, other, path)
    return combine(one, other)


def _equivocation(
    first: Verified, second: Verified, one: Mapping[str, Any], other: Mapping[str, Any], path: str = ""
) -> Equivocation:
    return Equivocation(first.signed, second.signed, (canonical(one), canonical(other)), path)


def _verified(view: Mapping[str, Any]) -> Verified:
    found = verify(view, confirmed=None)
    if isinstance(found, Refused):
        raise BadInput(f"a view that does not verify is not merged: {found}")
    return found


def _version(found: Verified) -> tuple[str, str, str]:
    said = found.signed.statement
    return said.author, said.id, said.version
