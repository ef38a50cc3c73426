"""Acts of a case chained, so that one that was changed, dropped or put in shows.

Each act's `chain` is SHA-256 over the chain before it and the act in JCS (RFC 8785). The reasons are in it by the
digest of their ciphertext: who may not read them can check all the same. A chain that was written anew from some act on
agrees with itself; the audit keeps the chain of every act beside it, and tells.
"""

import hashlib
from collections.abc import Sequence

import msgspec
import rfc8785

from tocsin.kernel.cases import CaseAct
from tocsin.kernel.errors import TocsinError

GENESIS = b"tocsin/case-timeline/1"
"""What stands before the first act, so that a chain of another kind never fits."""


class TimelineBroken(TocsinError):
    """A case's acts are not those that were written."""

    code = "timeline-broken"


def chained(act: CaseAct, before: bytes) -> CaseAct:
    """The act with its link; `before` is the chain of the act before it, empty for the first."""
    return msgspec.structs.replace(act, reasons="", chain=_link(act, before))


def check(acts: Sequence[CaseAct], *, version: int) -> None:
    """Raises TimelineBroken naming the first act that does not fit.

    1. Numbers run from 1 to the case's version: nothing was dropped, not even at the end.
    2. All are of one case.
    3. Each link is what it should be.
    """
    if [act.number for act in acts] != list(range(1, version + 1)):  # 1
        raise TimelineBroken(
            f"of {version} acts {len(acts)} are kept, or their order changed: restore a backup, and keep this one"
        )
    before = b""
    for act in acts:
        if act.case != acts[0].case or act.chain != _link(act, before):  # 2, 3
            raise TimelineBroken(
                f"act {act.number} is not as it was written: compare the audit, and keep both"
            )
        before = act.chain


def _link(act: CaseAct, before: bytes) -> bytes:
    # `reasons` are opened text where a person reads them: their ciphertext's digest is what is bound
    plain = msgspec.to_builtins(msgspec.structs.replace(act, reasons="", chain=b""), builtin_types=(bytes,))
    plain["said"] = act.said.hex()
    del plain["chain"]
    return hashlib.sha256((before or GENESIS) + rfc8785.dumps(plain)).digest()
