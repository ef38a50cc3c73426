"""One spelling of a plan and of an evaluation: equal content, equal bytes, equal digest.

RFC 8785 over the fields that are not at their default. So a field that is appended later changes no digest, and a
default, once given, is never changed.
"""

from hashlib import sha256
from typing import Any

import msgspec
import rfc8785
from msgspec import NODEFAULT
from msgspec.structs import fields

from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import Evaluation
from tocsin.kernel.plans import Plan


def content(value: Any) -> Any:
    """Plain JSON values of a noun, without what is at its default."""
    if isinstance(value, msgspec.Struct):
        return {
            field.encode_name: content(found)
            for field in fields(value)
            if not _default(field, found := getattr(value, field.name))
        }
    if isinstance(value, dict):
        return {str(name): content(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [content(one) for one in value]
    return msgspec.to_builtins(value)


def _default(field: msgspec.structs.FieldInfo, found: Any) -> bool:
    if field.default is not NODEFAULT:
        return bool(found == field.default)
    return field.default_factory is not NODEFAULT and bool(found == field.default_factory())


def canonical_bytes(value: Any) -> bytes:
    """RFC 8785. Raises BadInput for what it has no form for: NaN, infinity, half of a character, 2^53."""
    try:
        return rfc8785.dumps(content(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise BadInput(f"there is no canonical form of this: {error}") from None


def plan_digest(plan: Plan) -> str:
    """sha256, hex, of a plan's canonical bytes."""
    return sha256(canonical_bytes(plan)).hexdigest()


def evaluation_id(evaluation: Evaluation) -> str:
    """sha256, hex, of its canonical bytes without id, by and statement."""
    bare = msgspec.structs.replace(evaluation, id="", by="", statement=b"")
    return sha256(canonical_bytes(bare)).hexdigest()
