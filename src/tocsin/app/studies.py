"""A node's word on a study: its signature under the commitment, and a line in the audit for each look.

What a node signed and when is in its audit and its log, and in the study's own ledger.
"""

from pathlib import Path

from tocsin.app.access import Access
from tocsin.app.release_key import release_key
from tocsin.kernel.plans import Registration
from tocsin.kernel.studies import StudyLook


def sign_study(access: Access, data: Path, node_id: str, registration: Registration) -> bytes:
    """The node's signed statement of the commitment and its moment (DSSE, in-toto). Raises NotAllowed, BadInput."""
    from tocsin.evaluate.plans.registration import statement_of
    from tocsin.trust.signing_keys import key_id, sealed
    from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes

    by = access.operator()
    access.require(by, "evaluation.manage")
    key = release_key(data)
    statement = statement_of(registration, node_id)
    access.audit(by.user, "study.register", subject=registration.id, purpose="")
    return envelope_bytes(sealed(key, IN_TOTO_TYPE, statement.to_bytes(), keyid=key_id(key.public_key())))


def audit_look(access: Access, commitment: str, look: StudyLook) -> None:
    """One line for each time that the data were looked at."""
    access.audit(
        access.operator().user,
        "study.look",
        subject=commitment,
        purpose="",
        detail={"look": look.look, "verdict": look.found.verdict.value, "data": look.data},
    )
