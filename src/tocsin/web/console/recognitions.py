"""What institutes make of each other's evaluations: by policy, or run again on samples that neither could choose."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.evaluate.drawing import Drawing, Interval, drawing
from tocsin.kernel import NotFound, Reason
from tocsin.kernel.evaluations import Rate
from tocsin.kernel.recognition import Draw, Recognition, RecognitionOutcome, SampleDisagreement
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.render import link, render
from tocsin.web.console.visits import Visit, visit_of

if TYPE_CHECKING:
    from tocsin.evaluate.recognition.attesting import Evidence

PER_PAGE = 50
SHOWN_SAMPLES = 200
"""Differing samples on one page; the signed statement has all."""

MAX_DIGITS = 18
"""Of a number in an address that a database takes."""

_SEQ = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")

THERE = N_("In the evaluation")
AGAIN = N_("Run again")

MEANINGS = {
    RecognitionOutcome.ACCEPTED: N_("Taken by policy, on what was shown. Nothing was run again."),
    RecognitionOutcome.REPRODUCED: N_(
        "Run again on drawn samples: the same, sample for sample, within what repeats explain."
    ),
    RecognitionOutcome.COMPATIBLE: N_("Run again: samples differ here and there, the rates do not."),
    RecognitionOutcome.CONTRADICTED: N_(
        "Run again: both cannot be right. The samples below say where to look."
    ),
    RecognitionOutcome.NOT_RECOGNISED: N_("What the policy asks for was not shown. Every lack is named."),
    RecognitionOutcome.INCONCLUSIVE: N_("Nothing can be said: neither the same nor another."),
}


class Difference(msgspec.Struct, frozen=True):
    """One sample on which both differ, with the digests of both answers, "" where none was given."""

    sample: SampleDisagreement
    theirs: str
    ours: str


@get("/evaluations/recognitions", sync_to_thread=True)
def recognitions_page(request: Request[Any, Any, Any]) -> Response[str]:
    """All that were kept, newest first, and every draw."""
    visit = visit_of(request)
    known = visit.node.recognitions
    asked = visit.query.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= MAX_DIGITS else None
    kept = known.listed(visit.caller, before=before, limit=PER_PAGE + 1)
    shown = kept[:PER_PAGE]
    draws = known.draws(visit.caller)
    return render(
        visit,
        "recognitions.html",
        recognitions=[(seq, one, Reason(*one.reasons[0]) if one.reasons else None) for seq, one in shown],
        older=link("/evaluations/recognitions", {"before": str(shown[-1][0])})
        if len(kept) > PER_PAGE
        else "",
        draws=draws[::-1][:PER_PAGE],
        more_draws=max(0, len(draws) - PER_PAGE),
        own=visit.node.node_id,
    )


@get("/evaluations/recognitions/{seq:str}", sync_to_thread=True)
def recognition_page(request: Request[Any, Any, Any], seq: FromPath[str]) -> Response[str]:
    """One, with what it follows from. Raises NotFound."""
    visit = visit_of(request)
    known = visit.node.recognitions
    visit.require(acts.EVALUATIONS_READ)
    if not _SEQ.fullmatch(seq):
        raise NotFound("there is no such recognition")
    found, evidence, computed = known.get(visit.caller, int(seq))
    differences = _differences(found, evidence)
    draws = known.draws(visit.caller, evaluation=found.evaluation) if found.sheet else ()
    return render(
        visit,
        "recognition.html",
        recognition=found,
        meaning=MEANINGS[found.outcome],
        reasons=[Reason(code, values) for code, values in found.reasons],
        drawn=_drawn(found, visit.language.say),
        evidence=evidence,
        computed=computed,
        differences=differences[:SHOWN_SAMPLES],
        more=max(0, len(differences) - SHOWN_SAMPLES),
        draws=[one for one in draws[::-1] if _same(one, found)][:PER_PAGE],
        own=visit.node.node_id,
    )


def made_of_it(visit: Visit, evaluation: str) -> dict[str, Any]:
    """For the page of an evaluation: what was said of it, and who drew samples of it."""
    known = visit.node.recognitions
    return {
        "recognitions": known.listed(visit.caller, evaluation=evaluation, limit=PER_PAGE),
        "draws": known.draws(visit.caller, evaluation=evaluation)[::-1][:PER_PAGE],
        "own": visit.node.node_id,
    }


def _same(draw: Draw, found: Recognition) -> bool:
    return (draw.challenger, draw.sheet) == (found.by, found.sheet)


def _drawn(found: Recognition, say: Callable[[str], str]) -> Drawing | None:
    if found.their_rate is None or found.our_rate is None:
        return None
    return drawing([_interval(say(THERE), found.their_rate), _interval(say(AGAIN), found.our_rate)])


def _interval(label: str, rate: Rate) -> Interval:
    return Interval(
        label=label,
        share=rate.share,
        low=rate.low,
        high=rate.high,
        weight=float(rate.counted),
        known=rate.counted > 0,
    )


def _differences(found: Recognition, evidence: "Evidence | None") -> list[Difference]:
    theirs = {one.id: one.answer for one in evidence.theirs} if evidence else {}
    ours = {one.id: one.answer for one in evidence.ours[0]} if evidence else {}
    return [
        Difference(one, theirs.get(one.sample, ""), ours.get(one.sample, "")) for one in found.disagreements
    ]
