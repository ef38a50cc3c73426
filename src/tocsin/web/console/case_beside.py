"""What other rooms have of a case: evidence, letters, incident, who owed what, what is to be undone, cases alike."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from tocsin.app.similar_cases import Similar
from tocsin.cases.accountability import chain_table
from tocsin.kernel.cases import Case
from tocsin.kernel.disposing import Ground, Measure, Party
from tocsin.kernel.precedents import CasePrecedent
from tocsin.web.console import acts
from tocsin.web.console.labels import label
from tocsin.web.console.languages import N_, Language
from tocsin.web.console.login import see_other
from tocsin.web.console.render import link
from tocsin.web.console.visits import Visit, visit_of

SAME_WARNING = N_("the same warning")
WORDS_ALIKE = N_("words alike (%(share)s%%)")


class Alike(msgspec.Struct, frozen=True):
    """Cases that are like one, and key cases of its conduct; they decide nothing."""

    similar: tuple[tuple[Case, str], ...]
    """With why each is alike, in the page's language."""
    precedents: tuple[CasePrecedent, ...]


def beside(visit: Visit, case: Case, *, shut: bool) -> dict[str, Any]:
    """Parts of the page of a case that this person may see; of a `shut` one nothing that its key would open."""
    caller, node = visit.caller, visit.node
    decided = case.disposition or case.proposal
    found: dict[str, Any] = {
        "incident": node.incidents.of_case(caller, case.id) if visit.may(acts.INCIDENTS_READ) else None,
        "remedies": node.statements.remedies(caller, case_id=case.id),
        "chain": chain_table(decided.accountability, visit.language.tag) if decided else (),
        "party_names": {one.value: label(one) for one in Party},
        "measure_names": {one.value: label(one) for one in Measure},
        "exhibits": (),
        "letters": (),
    }
    if visit.may(acts.CASES_WORDS) and not shut:
        if visit.may(acts.EVIDENCE_READ):
            found["exhibits"] = node.exhibits.of(caller, case.id)
        if case.disposition is not None:
            found["letters"] = node.statements.letters(caller, case.id)
    return found


def alike(visit: Visit, case_id: str) -> Alike:
    """Looked for once, on a person's wish: it compares words, which the audit says."""
    caller, similar = visit.caller, visit.node.similar_cases
    found = similar.beside(caller, case_id)
    category = visit.node.cases.get(caller, case_id).category
    told = tuple((one.case, why(one, visit.language)) for one in found)
    return Alike(told, similar.precedents(caller, category) if category else ())


def why(one: Similar, language: Language) -> str:
    """In what a case is alike, in words; that the conduct is the same goes without saying."""
    said = []
    for reason in one.why:
        if reason.what == "warning":
            said.append(language.say(SAME_WARNING))
        elif reason.what == "words":
            said.append(language.say(WORDS_ALIKE, share=round(100 * (reason.share or 0))))
        elif reason.what == "measure":
            said.append(language.say(label(Measure(reason.value))))
        elif reason.what == "ground":
            said.append(language.say(label(Ground(reason.value))))
    return ", ".join(said)


@post("/cases/{case_id:str}/undone", sync_to_thread=True)
def undone(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """A measure of an overturned decision was taken back. Raises NotAllowed, NotFound, Conflict."""
    visit = visit_of(request)
    caller = visit.require(acts.CASES_WORK)
    visit.node.cases.get(caller, case_id)
    visit.node.statements.undone(caller, visit.form.get("remedy", ""))
    return see_other(link(f"/cases/{case_id}", {"done": "undone"}))
