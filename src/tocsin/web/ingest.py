"""POST /v1/events (JSON lines), /v1/traces and /v1/logs (OTLP/HTTP)."""

import asyncio
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, post
from litestar.concurrency import sync_to_thread

from tocsin.app.accept import Accepted
from tocsin.ingest import Gunzip, Lines
from tocsin.kernel import BadInput, TocsinError, TooLarge
from tocsin.kernel.limits import MAX_BATCH_BYTES, MAX_BATCH_LINES
from tocsin.web.auth import node_of, require
from tocsin.web.problems import on_tocsin_error
from tocsin.wire import otlp
from tocsin.wire.events import Batch
from tocsin.wire.media import WrongMediaType

MAX_CONCURRENT_BATCHES = 4
"""Bodies in memory at once: bounds it to four times MAX_BATCH_BYTES. Others wait their turn."""
BODY_SECONDS = 60.0
"""A body that drips more slowly than this ends with 408."""

_turns = asyncio.Semaphore(MAX_CONCURRENT_BATCHES)


class SlowBody(TocsinError):
    """The body did not arrive in time."""

    code = "slow-body"
    status = 408


@post("/v1/events", status_code=200)
async def events(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take JSON lines. 200 when anything was accepted or known already, 422 when nothing was."""
    caller = await require(request, "event.append")
    node = node_of(request)
    async with _turns:
        body = await whole_body(request)
        outcome = await sync_to_thread(_accept_lines, node.clock, node.acceptor.accept, body)
    node.telemetry.ingested("http", caller.name, outcome)
    taken = outcome.accepted + outcome.duplicates
    return Response(
        msgspec.json.encode(outcome),
        status_code=200 if taken else 422,
        media_type=MediaType.JSON,
    )


@post("/v1/traces", status_code=200)
async def traces(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take OTLP spans, JSON or protobuf."""
    return await _otlp(request, otlp.decode_traces, "traces")


@post("/v1/logs", status_code=200)
async def logs(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take OTLP log records, JSON or protobuf."""
    return await _otlp(request, otlp.decode_logs, "logs")


async def _otlp(request: Request[Any, Any, Any], decode: Any, signal: str) -> Response[bytes]:
    content_type = request.headers.get("content-type", "")
    try:
        outcome = await _take_otlp(request, decode, content_type, signal)
    except WrongMediaType:
        raise  # no form to answer in
    except TocsinError as error:
        answer = on_tocsin_error(request, error)
        return Response(
            otlp.error_answer(content_type, error.message),
            status_code=error.status,
            media_type=content_type.partition(";")[0],
            headers=dict(answer.headers),
        )
    payload, media_type = otlp.response(outcome.refused, content_type, signal)
    return Response(payload, media_type=media_type)


async def _take_otlp(
    request: Request[Any, Any, Any], decode: Any, content_type: str, signal: str
) -> Accepted:
    caller = await require(request, "event.append")
    node = node_of(request)
    async with _turns:
        body = await whole_body(request)

        def work() -> Accepted:
            batch: Batch = decode(body, content_type, now=node.clock())
            return node.acceptor.accept(batch.lines, batch.refused)

        outcome = await sync_to_thread(work)
    node.telemetry.ingested(f"otlp-{signal}", caller.name, outcome)
    return outcome


def _accept_lines(clock: Any, accept: Any, body: bytes) -> Accepted:
    lines = Lines(clock, max_lines=MAX_BATCH_LINES)
    batches = (lines.feed(body), lines.finish())
    taken: Accepted = accept(
        [line for batch in batches for line in batch.lines],
        [refusal for batch in batches for refusal in batch.refused],
    )
    return taken


async def whole_body(request: Request[Any, Any, Any]) -> bytes:
    """The whole body, gunzipped if it says so; never more than MAX_BATCH_BYTES of it, compressed or not."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise _UnreadableEncoding(f"content encoding {encoding[:32]} is not read here: send gzip or none")
    gunzip = Gunzip(MAX_BATCH_BYTES) if encoding == "gzip" else None
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > MAX_BATCH_BYTES:
                    raise TooLarge(f"a request may hold {MAX_BATCH_BYTES >> 20} MiB: send several")
                # Gunzip bounds what comes out; here only what comes in is counted
                pieces.extend(gunzip.feed(chunk) if gunzip else (chunk,))
    except TimeoutError:
        raise SlowBody(f"the body took more than {BODY_SECONDS:.0f} s: send smaller batches") from None
    pieces.extend(gunzip.finish() if gunzip else ())
    return b"".join(pieces)


class _UnreadableEncoding(BadInput):
    status = 415
    code = "unreadable-encoding"
