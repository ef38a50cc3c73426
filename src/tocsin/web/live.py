"""The live line: what the gate released to the caller, as server-sent events, the moment it is released.

It reads the same rows by the same call as TAXII, so nothing can be on it that a TAXII page would not hold; what
another system filters twice, this one filters once. Each event is `event: record`, `id:` the moment the record was
added (take up again with `Last-Event-ID` or `added_after`), `data:` the released bytes.
Source: WHATWG HTML, section 9.2, server-sent events.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, get
from litestar.concurrency import sync_to_thread
from litestar.response import Stream

from tocsin.app.live import LIVE_PATH
from tocsin.kernel import Caller, TocsinError, micros
from tocsin.store.interface import ReleaseFilter, TaxiiPage
from tocsin.web.auth import caller_of, node_of, require
from tocsin.web.taxii_roots import Party, Place, shared_with
from tocsin.wire import taxii

POLL_SECONDS = 0.5
"""Between two looks for new rows: one indexed query a line."""

HEARTBEAT_SECONDS = 15.0
"""A comment when there is nothing to say, so that a broken line is noticed by both ends."""

RECHECK_SECONDS = 5.0
"""Between two looks at the caller's right to listen: a revoked token is off the line after this."""

LIFE_SECONDS = 900.0
"""One line ends by itself after this; the listener takes up again where it was."""

PAGE = 200
MAX_LINES = 64
"""Of all callers together: each is a task that asks the store."""

MAX_LINES_A_CALLER = 2
"""One in use and one that has not noticed yet that it is broken."""

_Ask = Request[Any, Any, Any]


class LinesTaken(TocsinError):
    """Too many lines are open."""

    code = "lines-taken"
    status = 429


class Lines:
    """How many lines are open, and for whom. Used in the event loop only, so it needs no lock."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self.closing = False
        """Set when the server stops: every line ends at its next look."""

    def take(self, owner: str) -> None:
        """Count a line in. Raises LinesTaken."""
        if self._open[owner] >= MAX_LINES_A_CALLER or self._open.total() >= MAX_LINES:
            raise LinesTaken("there are too many live lines: close one, or read over TAXII")
        self._open[owner] += 1

    def give_back(self, owner: str) -> None:
        """Count a line out."""
        self._open[owner] -= 1
        self._open += Counter()  # drops those that are at nought


@get(LIVE_PATH, media_type="text/event-stream")
async def live(request: _Ask) -> Stream:
    """Records released to the caller from now on, or since `added_after`; filters as TAXII's `match`."""
    caller = await require(request, "taxii.read")
    query = taxii.parse_query(request.query_params.multi_items())
    since = query.added_after
    last = request.headers.get("last-event-id", "")
    if last:
        since = taxii.parse_query([("added_after", last)]).added_after
    party = await sync_to_thread(Party, node_of(request), caller)
    wanted = ReleaseFilter(
        added_after=micros(party.node.clock()) if since is None else since,
        limit=PAGE,
        ids=query.ids,
        types=query.types,
        versions=("all",),
        spec_versions=query.spec_versions,
    )
    lines: Lines = request.app.state.lines
    lines.take(party.owner)
    return Stream(_events(request, party, wanted, lines), media_type="text/event-stream")


async def _events(request: _Ask, party: Party, wanted: ReleaseFilter, lines: Lines) -> AsyncIterator[bytes]:
    """1. Is the caller still let in? 2. What is new goes out. 3. Silence is broken by a comment."""
    clock = asyncio.get_running_loop().time
    begun = spoke = clock()
    checked, place = begun, await _place(request, party.caller)
    try:
        yield b": tocsin\n\n"
        while place is not None and not lines.closing and clock() - begun < LIFE_SECONDS:
            if clock() - checked >= RECHECK_SECONDS:
                place = await _place(request, party.caller)  # 1
                checked = clock()
                continue
            page = await sync_to_thread(place.page, wanted)
            if page.rows:  # 2
                yield _written(page)
                await sync_to_thread(place.note, page)
                wanted = msgspec.structs.replace(wanted, added_after=page.rows[-1].added)
                spoke = clock()
                continue
            if clock() - spoke >= HEARTBEAT_SECONDS:  # 3
                yield b": still here\n\n"
                spoke = clock()
            await asyncio.sleep(POLL_SECONDS)
    finally:
        lines.give_back(party.owner)


async def _place(request: _Ask, caller: Caller) -> Place | None:
    """What is shared with the caller as they stand now; None when they are let in no more."""
    try:
        if request.headers.get("authorization"):
            caller = await caller_of(request)
        party = await sync_to_thread(Party, node_of(request), caller)
        return shared_with(party) if party.may_enter else None
    except TocsinError:
        return None


def _written(page: TaxiiPage) -> bytes:
    """The rows as events. Kept bytes are canonical JSON, which has no line break."""
    return b"".join(
        b"event: record\nid: " + taxii.timestamp_micros(row.added).encode() + b"\ndata: " + row.stix + b"\n\n"
        for row in page.rows
    )
