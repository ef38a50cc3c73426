"""Customer due diligence, where an operator turned it on: a line of the audit a record, and never an answer.

Enters: a customer's pseudonym, answers. Leaves: the record, and the salt, once. Refuses: while the setting is off.
"""

import os
import re
from typing import NamedTuple

from tocsin.admit.diligence import SALT_BYTES, DiligenceRecord, record, template
from tocsin.app.access import Access
from tocsin.kernel import BadInput, Caller

CHECK = "applicant.check"
RECORDED = "compute.diligence"
_PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{2,63}")


class Recorded(NamedTuple):
    """The record, and the salt (hex) without which nobody can hold answers against its digest. It is not kept."""

    record: DiligenceRecord
    salt: str


class Diligence:
    """Records; it decides nothing, and nothing rests on it."""

    def __init__(self, access: Access, *, on: bool) -> None:
        self._access = access
        self._on = on

    def record(self, by: Caller, customer: str, asked: str, answers: dict[str, str]) -> Recorded:
        """Record which questions were answered. `customer` is a pseudonym of the operator's own.

        Raises NotAllowed, BadInput, NotFound.
        """
        self._access.require(by, CHECK)
        if not self._on:
            raise BadInput(
                "it is off: set compute_diligence = true in settings.toml to record what customers answered"
            )
        if not _PSEUDONYM.fullmatch(customer):
            raise BadInput("name the customer by a pseudonym of yours: letters, digits, `.`, `_`, `-`")
        salt = os.urandom(SALT_BYTES)
        made = record(template(asked), answers, salt)
        self._access.audit(
            by.user,
            RECORDED,
            subject=customer,
            purpose=made.template,
            detail={
                "digest": made.digest,
                "result": "complete" if made.complete else "incomplete",
                "missing": ",".join(made.missing),
            },
        )
        return Recorded(made, salt.hex())
