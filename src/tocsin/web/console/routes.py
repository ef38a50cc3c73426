"""The console's addresses, joined; and what a person sees when something is refused or fails."""

from typing import Any
from urllib.parse import quote

import structlog
from litestar import Request, Response, Router, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from tocsin.kernel import NotFound, TocsinError
from tocsin.web.console import (
    access,
    access_acts,
    account,
    actors,
    applicants,
    arranging,
    audit,
    case_acts,
    case_beside,
    case_keys,
    case_opening,
    cases,
    channels,
    counts,
    distinct,
    evaluations,
    guards,
    incident_acts,
    incidents,
    joint,
    labels,
    left,
    log,
    login,
    matches,
    model_inventory,
    models,
    openings,
    own_limits,
    peers,
    provider,
    recognitions,
    records,
    red_lines,
    releases,
    review,
    rules,
    sessions,
    sums,
    taxonomy,
    trends,
    warnings,
)
from tocsin.web.console.forms import MAX_FORM_BYTES
from tocsin.web.console.login import see_other
from tocsin.web.console.navigation import NAVIGATION
from tocsin.web.console.render import STATIC_FILES, render, static_file
from tocsin.web.console.visits import LoginNeeded, begin, stranger, visit_of

FOREVER = "public, max-age=31536000, immutable"

_log = structlog.get_logger(__name__)


@get("/", sync_to_thread=True)
def home(request: Request[Any, Any, Any]) -> Response[Any]:
    """The first page that this person may read."""
    visit = visit_of(request)
    caller = visit.caller
    return see_other(
        next((path for path, _, act in NAVIGATION if visit.node.access.may(caller, act)), "/peers")
    )


@get("/static/{name:str}", sync_to_thread=True)
def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """One of the console's own files, by name: the list is closed, so no path leads elsewhere."""
    media_type = STATIC_FILES.get(name)
    if media_type is None:
        raise NotFound("there is no such file")
    content, version = static_file(name)
    cache = FOREVER if request.query_params.get("v") == version else "no-cache"
    return Response(content, media_type=media_type, headers={"Cache-Control": cache})


def to_login(request: Request[Any, Any, Any], _: LoginNeeded) -> Response[Any]:
    """To the log-in page, and back from there to the page that was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return see_other(f"/login?next={quote(asked)}" if request.method == "GET" else "/login")


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """One page for every refusal and failure: what happened, what to do next, and never a trace."""
    status = error.status_code if isinstance(error, HTTPException) else getattr(error, "status", 500)
    detail = error.message if isinstance(error, TocsinError) else ""
    if status >= 500 and not isinstance(error, TocsinError):
        _log.error("console.failed", path=request.url.path, method=request.method, exc_info=error)
    visit = getattr(request.state, "visit", None) or stranger(request)
    title, advice = labels.ERRORS.get(status, labels.FAILURE)
    headers = {"Retry-After": "5"} if status == 503 else {}
    return render(
        visit, "error.html", status, headers, title=title, advice=advice, detail=detail, code=status
    )


console_router = Router(
    path="/",
    route_handlers=[
        home,
        static,
        login.login_page,
        login.login,
        login.logout,
        login.code_page,
        login.code,
        provider.leave,
        provider.come_back,
        account.account_page,
        account.set_password,
        account.begin_second_factor,
        account.enrolment_page,
        account.confirm_second_factor,
        account.new_codes,
        account.remove_second_factor,
        account.close_session,
        account.revoke_token,
        own_limits.limits_page,
        own_limits.choose_limits,
        warnings.warnings_page,
        warnings.warning_page,
        review.open_samples,
        review.review,
        review.withdraw,
        review.back_to_warning,
        access.access_page,
        access.explain,
        access.back_to_explain,
        access_acts.give,
        access_acts.grant_page,
        access_acts.revoke,
        access_acts.back_to_grants,
        access_acts.look_page,
        access_acts.open_look,
        access_acts.approve_look,
        access_acts.stop_look,
        access_acts.back_to_look,
        applicants.applicants_page,
        applicants.applicant_page,
        applicants.vet_applicant,
        applicants.stop_applicant,
        red_lines.red_lines_page,
        red_lines.red_line_page,
        cases.cases_page,
        cases.case_page,
        case_keys.keys_page,
        case_keys.add_key,
        case_keys.unlock,
        case_keys.lock,
        case_keys.give,
        case_keys.hand_over,
        cases.open_words,
        cases.look_alike,
        joint.joint_page,
        joint.vote,
        joint.back_to_joint,
        case_beside.undone,
        case_acts.claim,
        case_acts.release,
        case_acts.triage,
        case_acts.verify,
        case_acts.dispose,
        case_acts.approve,
        case_acts.refuse,
        case_acts.uphold,
        case_acts.overturn,
        case_acts.close,
        case_acts.reopen,
        case_acts.merge,
        case_acts.transfer,
        case_acts.note,
        case_acts.back_to_case,
        case_opening.open_exhibit,
        case_opening.look_veiled,
        case_opening.open_contact,
        rules.rules_page,
        rules.rule_page,
        rules.set_state,
        rules.back_to_rule,
        sessions.sessions_page,
        sessions.session_page,
        sessions.back_to_sessions,
        actors.actors_page,
        actors.actor_page,
        actors.open_actors,
        arranging.merge,
        arranging.unmerge,
        arranging.split,
        arranging.snooze,
        arranging.wake,
        arranging.back_from_arranging,
        incidents.incidents_page,
        incidents.incident_page,
        incidents.compared,
        incident_acts.open_incident,
        incident_acts.set_facts,
        incident_acts.set_moment,
        incident_acts.name_duties,
        incident_acts.set_tags,
        incident_acts.close_incident,
        incident_acts.reopen_incident,
        incident_acts.draft,
        incident_acts.report_page,
        incident_acts.report_paper,
        incident_acts.answer,
        incident_acts.approve,
        incident_acts.withdraw,
        incident_acts.sent,
        incident_acts.back,
        guards.guards_page,
        guards.open_look,
        guards.judge_look,
        guards.back_to_guards,
        channels.channels_page,
        trends.trends_page,
        counts.counts_page,
        sums.sums_page,
        distinct.distinct_page,
        models.models_page,
        models.model_page,
        model_inventory.model_inventory,
        evaluations.evaluations_page,
        evaluations.evaluation_page,
        evaluations.plan_page,
        evaluations.comparison_page,
        releases.releases_page,
        releases.release_page,
        releases.release_paper,
        releases.approve,
        recognitions.recognitions_page,
        recognitions.recognition_page,
        records.records_page,
        records.record_page,
        records.judge,
        records.back_to_record,
        peers.peers_page,
        left.left_page,
        left.manifest_page,
        left.preview_page,
        left.approve,
        left.publish,
        matches.matches_page,
        matches.allow,
        matches.show,
        matches.back_to_allow,
        matches.back_to_show,
        taxonomy.taxonomy_page,
        taxonomy.concept_page,
        taxonomy.scheme_page,
        taxonomy.compare_page,
        audit.audit_page,
        log.log_page,
        openings.openings_page,
        openings.allow_more,
        openings.back_to_openings,
    ],
    before_request=begin,
    exception_handlers={
        LoginNeeded: to_login,
        TocsinError: on_error,
        HTTPException: on_error,
        Exception: on_error,
    },
    request_max_body_size=MAX_FORM_BYTES,
    include_in_schema=False,
)
