"""A case handed to another case system by a person: TheHive's alert, MISP's event.

Enters: who hands it over, the words and identifiers that they chose for it. Leaves: a file for them to carry, never a
request: this node sends nothing to either. Refuses: suspected child-abuse material, a restricted queue, red marking,
and identifiers in the words that were not chosen as such.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Literal

from tocsin.app.access import Access
from tocsin.app.cases import Cases
from tocsin.app.queues import Queues
from tocsin.cases import holds_identifier
from tocsin.cases.quarantine import Use, forbidden
from tocsin.kernel import TLP, BadInput, Caller, NotAllowed, Observable
from tocsin.kernel.cases import Case, CaseState
from tocsin.wire.handed_over import HandedOver
from tocsin.wire.observables import canonical_observable

ExportForm = Literal["thehive", "misp"]
USES: dict[ExportForm, Use] = {"thehive": Use.THEHIVE, "misp": Use.MISP}
MIN_TITLE_CHARS, MAX_TITLE_CHARS = 8, 300
MIN_DESCRIPTION_CHARS, MAX_DESCRIPTION_CHARS = 8, 20_000
MIN_PURPOSE_CHARS, MAX_PURPOSE_CHARS = 8, 400
MAX_OBSERVABLES = 200
DECIDED = frozenset({CaseState.DISPOSED, CaseState.UPHELD, CaseState.OVERTURNED, CaseState.CLOSED})


class CaseExports:
    """Each needs `evidence.export`, a purpose, and leaves a row in the audit with what was named, by count."""

    def __init__(self, cases: Cases, queues: Queues, access: Access, node: str) -> None:
        self._cases = cases
        self._queues = queues
        self._access = access
        self._node = node

    def export(
        self,
        by: Caller,
        case_id: str,
        form: ExportForm,
        *,
        title: str,
        description: str,
        marking: TLP,
        purpose: str,
        observables: Sequence[Observable] = (),
    ) -> bytes:
        """The file. Raises NotAllowed, NotFound, BadInput saying what to take out, Unavailable without PyMISP.

        1. The person may, and may know of the case.
        2. Nothing forbids it: no quarantine, no restricted queue, no red marking.
        3. The words hold no identifier; those to be handed over are named one by one.
        """
        self._access.require(by, "evidence.export")  # 1
        case = self._cases.get(by, case_id)
        self._check_case(by, case, form, marking)  # 2
        said = _fitting("title", title, MIN_TITLE_CHARS, MAX_TITLE_CHARS)  # 3
        about = _fitting("description", description, MIN_DESCRIPTION_CHARS, MAX_DESCRIPTION_CHARS)
        why = _fitting("purpose", purpose, MIN_PURPOSE_CHARS, MAX_PURPOSE_CHARS)
        if len(observables) > MAX_OBSERVABLES:
            raise BadInput(
                f"at most {MAX_OBSERVABLES} identifiers go with one case: choose those that matter"
            )
        named = [canonical_observable(one) for one in observables]
        told = HandedOver(
            node=self._node,
            case=case.id,
            title=said,
            description=about,
            urgency=case.urgency,
            received=case.received,
            category=case.category,
            marking=marking,
            decided=case.state in DECIDED,
            observables=tuple((one.type.value, one.value) for one in named),
        )
        made = _written(form, told)
        self._access.audit(
            by.user,
            "case.export",
            subject=case.id,
            purpose=why,
            detail={
                "form": form,
                "marking": marking.value,
                "identifiers": len(named),
                "bytes": len(made),
                "sha256": sha256(made).hexdigest(),
            },
        )
        return made

    def _check_case(self, by: Caller, case: Case, form: ExportForm, marking: TLP) -> None:
        refused = forbidden(case, USES[form])
        if refused is not None:
            self._access.audit(by.user, "case.export", subject=case.id, purpose=form, outcome="refused")
            raise NotAllowed(refused.reason)
        if self._queues.get(case.queue).restricted:
            raise NotAllowed(
                "a case of a restricted queue is handed to no other system: its members act on it"
            )
        if marking is TLP.RED:
            raise BadInput("TLP:RED is for the people in the room: mark it lower, or tell them yourself")


def _written(form: ExportForm, told: HandedOver) -> bytes:
    if form == "thehive":
        from tocsin.wire.thehive import alert

        return alert(told)
    from tocsin.wire.misp.case_event import case_event

    return case_event(told)


def _fitting(name: str, text: str, least: int, most: int) -> str:
    said = text.strip()
    if not least <= len(said) <= most:
        raise BadInput(f"the {name} has {least} to {most} characters")
    if name != "purpose" and holds_identifier(said):
        raise BadInput(
            f"take the link, address, number or handle out of the {name}, and name it with --observable"
        )
    return said
