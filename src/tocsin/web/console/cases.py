"""The queues of cases, and one case: where it stands, whose it is, what was said and done, what may come next."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.cases.states import DECIDED, OPEN, OVER
from tocsin.kernel import BadInput, micros
from tocsin.kernel.cases import Case, CaseState, CaseWords, Queue, Urgency
from tocsin.kernel.disposing import GRAVE, Ground, Measure, Outcome
from tocsin.taxonomy import categories
from tocsin.web.console import acts
from tocsin.web.console.case_beside import Alike, alike, beside
from tocsin.web.console.case_chain import asked
from tocsin.web.console.labels import label
from tocsin.web.console.languages import N_, Language
from tocsin.web.console.render import category_label, link, render
from tocsin.web.console.visits import Visit, visit_of

PER_PAGE = 50

OPEN_STATES = (
    CaseState.RECEIVED,
    CaseState.TRIAGED,
    CaseState.VERIFIED,
    CaseState.DISPOSED,
    CaseState.APPEALED,
    CaseState.UPHELD,
    CaseState.OVERTURNED,
    CaseState.CLOSED,
)
"""The way of a case, in its order; appeals are a loop of it."""

WAY = (CaseState.RECEIVED, CaseState.TRIAGED, CaseState.VERIFIED, CaseState.DISPOSED, CaseState.CLOSED)
"""Shown as steps; an appeal stands beside the fourth."""

BESIDE = {
    CaseState.APPEALED: CaseState.DISPOSED,
    CaseState.UPHELD: CaseState.DISPOSED,
    CaseState.OVERTURNED: CaseState.DISPOSED,
}


WORK_FORMS = (
    "claim",
    "release",
    "triage",
    "verify",
    "dispose",
    "close",
    "reopen",
    "merge",
    "transfer",
    "note",
)
"""Forms that stand under "What comes next"."""

TONGUES = {"en": "English", "zh": "中文", "mn": "Монгол"}
"""Languages in which a person can be answered: those of the public page."""


class Wanted(msgspec.Struct, frozen=True):
    """What the address asks to see."""

    queue: str
    state: CaseState | None
    urgency: Urgency | None
    mine: bool
    appeals: bool
    after: str

    @property
    def narrowed(self) -> bool:
        return bool(self.queue or self.state or self.urgency or self.mine or self.appeals)

    def query(self, **changes: str) -> dict[str, str]:
        """This view as GET parameters, with changes."""
        now = {
            "queue": self.queue,
            "state": self.state or "",
            "urgency": self.urgency or "",
            "mine": "1" if self.mine else "",
            "appeals": "1" if self.appeals else "",
            "after": self.after,
        }
        return {**now, **changes}


WITHOUT_KEY = frozenset({"claim", "release"})
"""What somebody may do with a case that does not open for them: nothing that leaves a word in it."""


class Shown(msgspec.Struct, frozen=True):
    """What a page of a case has beside the case itself."""

    words: CaseWords | None = None
    done: str = ""
    errors: Mapping[str, str] = {}
    filled: Mapping[str, str] = {}
    contact: str = ""
    alike: Alike | None = None


@get("/cases", sync_to_thread=True)
def cases_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One page of what waits, most urgent first. No words of anybody: those are opened in a case. Raises BadInput."""
    visit = visit_of(request)
    caller = visit.require(acts.CASES_READ)
    wanted = read_wanted(visit.query)
    node = visit.node
    found = node.cases.page(
        caller,
        queue=wanted.queue or None,
        state=wanted.state,
        urgency=wanted.urgency,
        mine=wanted.mine,
        appeals=wanted.appeals,
        after=wanted.after or None,
        limit=PER_PAGE,
    )
    queues = visible_queues(visit)
    counts = node.cases.counts(caller)
    following = link("/cases", wanted.query(after=found.after)) if found.after else ""
    return render(
        visit,
        "cases.html",
        cases=found.cases,
        following=following,
        wanted=wanted,
        queues=[(one, queue_name(one, visit.language)) for one in queues],
        queue_names={one.id: queue_name(one, visit.language) for one in queues},
        states=list(CaseState),
        way=OPEN_STATES,
        urgencies=list(Urgency),
        counts=counts,
        people=names(visit),
        now=micros(visit.now),
        views=views(wanted, visit.language),
        member=any(one.restricted for one in queues),
        waiting=waiting(visit, found.cases, queues),
    )


def waiting(visit: Visit, cases: Iterable[Case], queues: Iterable[Queue]) -> frozenset[str]:
    """Restricted cases of a page whose key lies with this node until members have keys."""
    restricted = {one.id for one in queues if one.restricted}
    keys = visit.node.case_keys
    return frozenset(one.id for one in cases if one.queue in restricted and keys.waits(one.id))


@get("/cases/{case_id:str}", sync_to_thread=True)
def case_page(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[str]:
    """One case. Raises NotFound, also for a case that this person may not know of."""
    visit = visit_of(request)
    return show_case(visit, case_id, Shown(done=visit.query.get("done", "")))


@post("/cases/{case_id:str}/words", status_code=200, sync_to_thread=True)
def open_words(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[str]:
    """What was said in it, opened by somebody whose case it is not. The act is in the audit before it is shown."""
    visit = visit_of(request)
    caller = visit.require(acts.CASES_WORDS)
    visit.node.cases.get(caller, case_id)
    if visit.node.case_keys.shut(caller, case_id):
        return show_case(visit, case_id, Shown(), 403)
    with visit.node.cases.reading(caller, case_id):
        return show_case(visit, case_id, Shown(words=visit.node.cases.words(caller, case_id)))


@post("/cases/{case_id:str}/alike", status_code=200, sync_to_thread=True)
def look_alike(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[str]:
    """Decided cases that are like it, and key cases. Words are compared, which is in the audit before it is shown."""
    visit = visit_of(request)
    visit.require(acts.CASES_READ)
    return show_case(visit, case_id, Shown(alike=alike(visit, case_id)))


def show_case(visit: Visit, case_id: str, shown: Shown, status: int = 200) -> Response[str]:
    """The page of a case, also after a form that lacked something. Shown at once, it is one line of the audit."""
    with visit.node.cases.reading(visit.caller, case_id):
        return _shown(visit, case_id, shown, status)


def _shown(visit: Visit, case_id: str, shown: Shown, status: int) -> Response[str]:
    caller = visit.require(acts.CASES_READ)
    node = visit.node
    case = node.cases.get(caller, case_id)
    mine = case.claim is not None and case.claim.by == caller.user and case.claim.until > micros(visit.now)
    words = shown.words
    shut = node.case_keys.shut(caller, case.id) if visit.may(acts.CASES_WORDS) else None
    if words is None and mine and visit.may(acts.CASES_WORDS) and not shut:
        words = node.cases.words(caller, case.id)
    queues, forms = visible_queues(visit), may_do(visit, case, mine=mine)
    if shut:
        forms &= WITHOUT_KEY
    return render(
        visit,
        "case.html",
        status,
        case=case,
        words=words,
        appeal_words=node.cases.appeal_words(caller, case.id) if words and case.appeal else "",
        mine=mine,
        timeline=node.cases.acts(caller, case.id),
        steps=steps(case),
        queue_names={one.id: queue_name(one, visit.language) for one in queues},
        people=names(visit),
        categories=[(one.id, category_label(one.id, visit.language)) for one in categories()],
        queue_options=[(one.id, queue_name(one, visit.language)) for one in queues],
        urgency_options=_options(visit, Urgency),
        outcome_options=_options(visit, Outcome),
        ground_options=_options(visit, Ground),
        measures=[(one, one in GRAVE) for one in Measure],
        tongues=list(TONGUES.items()),
        owed=asked(visit),
        may_do=forms,
        working=not forms.isdisjoint(WORK_FORMS),
        shown=shown,
        errors=shown.errors,
        filled=shown.filled,
        now=micros(visit.now),
        shut=shut,
        waits=node.case_keys.waits(case.id),
        **beside(visit, case, shut=shut is not None),
    )


def may_do(visit: Visit, case: Case, *, mine: bool) -> frozenset[str]:
    """Which forms the page has for this person and state; `cases.states` decides when one is sent."""
    taken = case.claim is not None and case.claim.until > micros(visit.now) and not mine
    found: set[str] = set()
    if visit.may(acts.CASES_WORK):
        found |= _work(case, mine=mine, taken=taken)
    if visit.may(acts.CASES_DISPOSE):
        found |= _decisions(case, mine=mine, taken=taken)
    proposal = case.proposal
    if proposal is not None and visit.may(acts.CASES_APPROVE) and not _same(visit, proposal.decided_by):
        found.add("approve")
    judged = mine and case.state is CaseState.APPEALED
    if judged and visit.may(acts.CASES_APPEAL) and not _had_part(visit, case):
        found.add("judge")
    return frozenset(found)


def _work(case: Case, *, mine: bool, taken: bool) -> set[str]:
    found, state = {"note"}, case.state
    if mine:
        found.add("release")
    elif not taken and state not in OVER:
        found.add("claim")
    if state in OPEN and not taken and case.proposal is None:
        found |= {"merge", "transfer"}
    if mine and state in (CaseState.RECEIVED, CaseState.TRIAGED):
        found.add("triage")
    if mine and state is CaseState.TRIAGED:
        found.add("verify")
    return found


def _decisions(case: Case, *, mine: bool, taken: bool) -> set[str]:
    found: set[str] = set()
    anew = case.state is CaseState.OVERTURNED and case.disposition is None
    free = case.proposal is None
    if mine and free and (anew or case.state is CaseState.VERIFIED):
        found.add("dispose")
    if case.state in DECIDED and free and not anew and not taken:
        found.add("close")
    if case.state in (CaseState.CLOSED, CaseState.TRANSFERRED):
        found.add("reopen")
    return found


def _same(visit: Visit, user: str) -> bool:
    access = visit.node.access
    return access.person(user) == access.person(visit.caller.user)


def _had_part(visit: Visit, case: Case) -> bool:
    """Whether this human proposed or approved what is appealed."""
    decided = case.disposition
    return decided is not None and any(
        _same(visit, user) for user in (decided.decided_by, decided.approved_by) if user
    )


def steps(case: Case) -> list[tuple[CaseState, str]]:
    """Each step of the way, and whether it is behind ("done"), here ("now") or ahead ("")."""
    at = BESIDE.get(case.state, case.state)
    if at not in WAY:
        return [(one, "") for one in WAY]
    here = WAY.index(at)
    return [
        (one, "done" if place < here else "now" if place == here else "") for place, one in enumerate(WAY)
    ]


def _options(visit: Visit, kind: type[Enum]) -> list[tuple[str, str]]:
    return [(one.value, visit.language.say(label(one))) for one in kind]


def visible_queues(visit: Visit) -> list[Queue]:
    """Queues that this person may know of."""
    seen = visit.node.queues.visible_to(visit.caller)
    return [one for one in visit.node.queues.all() if one.id in seen]


def queue_name(queue: Queue, language: Language) -> str:
    """A queue's name in the page's language."""
    return queue.name.get(language.tag) or language.say(queue.name["en"])


def names(visit: Visit) -> dict[str, str]:
    """Names of this node's people by user id."""
    return {user.id: user.name for user in visit.node.store.people.users()}


def views(wanted: Wanted, language: Language) -> list[tuple[str, str, bool]]:
    """The four looks at the queues: name, address, and whether it is this one."""
    plain = Wanted("", None, None, mine=False, appeals=False, after="")
    looks = (
        (language.say(N_("Waiting")), plain.query()),
        (language.say(N_("Mine")), plain.query(mine="1")),
        (language.say(N_("Appeals")), plain.query(appeals="1")),
        (language.say(N_("Closed")), plain.query(state=CaseState.CLOSED)),
    )
    here = wanted.query(after="", queue="", urgency="")
    return [(name, link("/cases", query), here == query) for name, query in looks]


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Filters from the address. Raises BadInput for a value that is none."""
    try:
        state = CaseState(query["state"]) if query.get("state") else None
        urgency = Urgency(query["urgency"]) if query.get("urgency") else None
    except ValueError:
        raise BadInput("this list has no such state or urgency: use the page's own filters") from None
    return Wanted(
        queue=query.get("queue", ""),
        state=state,
        urgency=urgency,
        mine=query.get("mine") == "1",
        appeals=query.get("appeals") == "1",
        after=query.get("after", ""),
    )
