"""A bare floor on the same HTTP stack: msgspec and SQLite, nothing checked, nobody asked who they are.

    python -m benchmarks.taxii_floor FILE PORT

It decodes what it must to answer (id, version), keeps the bytes durably (`synchronous=FULL`) before it answers, and
pages by row number. No token, no policy, no STIX check, no author, no filter, no versions, no second reader.
"""

import sqlite3
import sys
from uuid import uuid4

import msgspec
import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.concurrency import sync_to_thread

MEDIA_TYPE = "application/taxii+json;version=2.1"


class Head(msgspec.Struct):
    """What an answer needs of an object."""

    id: str
    modified: str


class Posted(msgspec.Struct):
    """An envelope."""

    objects: list[msgspec.Raw]


class Success(msgspec.Struct):
    """One object of a status."""

    id: str
    version: str


class Answer(msgspec.Struct):
    """A status."""

    id: str
    status: str
    successes: list[Success]
    success_count: int
    failure_count: int = 0
    pending_count: int = 0


_BODY, _HEAD = msgspec.json.Decoder(Posted), msgspec.json.Decoder(Head)


def keep(database: sqlite3.Connection, body: bytes) -> bytes:
    """POST: durable when it returns."""
    raw = _BODY.decode(body).objects
    heads = [_HEAD.decode(one) for one in raw]
    with database:
        rows = [(head.id, head.modified, bytes(one)) for head, one in zip(heads, raw, strict=True)]
        database.executemany("INSERT INTO objects (id, version, stix) VALUES (?, ?, ?)", rows)
    successes = [Success(head.id, head.modified) for head in heads]
    return msgspec.json.encode(Answer(str(uuid4()), "complete", successes, len(successes)))


def page(database: sqlite3.Connection, after: int, limit: int) -> bytes:
    """GET: by row number."""
    rows = database.execute(
        "SELECT seq, stix FROM objects WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit + 1)
    ).fetchall()
    more, rows = len(rows) > limit, rows[:limit]
    head = b'{"more":true,"next":"%d","objects":[' % rows[-1][0] if more else b'{"more":false,"objects":['
    return head + b",".join([stix for _, stix in rows]) + b"]}"


def application(file: str) -> Litestar:
    """Two endpoints over one connection."""
    database = sqlite3.connect(file, check_same_thread=False)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE IF NOT EXISTS objects (seq INTEGER PRIMARY KEY, id TEXT, version TEXT, stix BLOB)"
    )

    @post("/objects/", status_code=202, request_max_body_size=16 << 20)
    async def add(request: Request) -> Response[bytes]:  # type: ignore[type-arg]
        answer = await sync_to_thread(keep, database, await request.body())
        return Response(answer, media_type=MEDIA_TYPE)

    @get("/objects/")
    async def objects(request: Request) -> Response[bytes]:  # type: ignore[type-arg]
        asked = request.query_params
        answer = await sync_to_thread(
            page, database, int(asked.get("next", 0)), int(asked.get("limit", 1000))
        )
        return Response(answer, media_type=MEDIA_TYPE)

    return Litestar([add, objects], logging_config=None)


if __name__ == "__main__":
    uvicorn.run(
        application(sys.argv[1]),
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
    )
