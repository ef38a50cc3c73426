"""POST /v1/label/write and /v1/label/verify: one file as the body, labelled or judged. Nothing of it is kept here."""

import uuid
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import msgspec
from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromQuery, QueryParameter

from tocsin.app.content_labels import VERIFY, WRITE, LabelledBytes, suffix_of
from tocsin.kernel import BadInput
from tocsin.kernel.labels import Certainty, ContentLabel, LabelReport, Scheme
from tocsin.label.carrying import Ask, Tongue
from tocsin.web.auth import node_of, require
from tocsin.web.ingest import whole_body

_Word = TypeVar("_Word", Scheme, Certainty)

SCHEMES = "gb45438,c2pa,iptc"


@post("/v1/label/write", status_code=200)
async def write(
    request: Request[Any, Any, Any],
    scheme: FromQuery[str] = SCHEMES,
    producer: FromQuery[str] = "",
    content_id: Annotated[str, QueryParameter(name="id")] = "",
    certainty: FromQuery[str] = Certainty.CONFIRMED,
    propagator: FromQuery[str] = "",
    propagation_id: FromQuery[str] = "",
    notice: FromQuery[str] = "both",
    metadata: FromQuery[bool] = True,
) -> Response[bytes]:
    """The labelled file. `Tocsin-Content-Id`, `Tocsin-Schemes` and `Tocsin-Left-Out` say what was written."""
    caller = await require(request, WRITE)
    labels = node_of(request).content_labels
    label = ContentLabel(
        producer or labels.name,
        content_id or str(uuid.uuid4()),
        _one_of(Certainty, certainty),
        propagator,
        propagation_id,
    )
    ask = _ask(label, scheme, notice, metadata=metadata)
    suffix = suffix_of(_kind(request))
    with labels.place():
        content = await whole_body(request)

        def work() -> LabelledBytes:
            return labels.write_bytes(caller, content, suffix, ask)

        made = await sync_to_thread(work)
    return Response(
        made.content,
        media_type=made.media_type,
        headers={
            "Tocsin-Content-Id": quote(label.content_id),
            "Tocsin-Schemes": ",".join(made.written.schemes),
            "Tocsin-Left-Out": ",".join(made.written.left_out),
        },
    )


@post("/v1/label/verify", status_code=200)
async def verify(request: Request[Any, Any, Any]) -> LabelReport:
    """What the file's labels are worth, by whom this node believes."""
    caller = await require(request, VERIFY)
    labels = node_of(request).content_labels
    suffix = suffix_of(_kind(request))
    with labels.place():
        content = await whole_body(request)

        def work() -> LabelReport:
            return labels.verify_bytes(caller, content, suffix)

        return await sync_to_thread(work)


def _kind(request: Request[Any, Any, Any]) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _ask(label: ContentLabel, schemes: str, notice: str, *, metadata: bool) -> Ask:
    if notice == "none" and not metadata:
        raise BadInput("there is nothing to write: without a notice and without metadata no label is left")
    tongue: Tongue = "both"
    if notice != "none":
        try:
            tongue = msgspec.convert(notice, Tongue)
        except msgspec.ValidationError:
            raise BadInput("notice is zh, en, both or none") from None
    wanted = frozenset(_one_of(Scheme, one.strip()) for one in schemes.split(","))
    return Ask(label, wanted, explicit=notice != "none", implicit=metadata, tongue=tongue)


def _one_of(kind: type[_Word], given: str) -> _Word:
    try:
        return kind(given)
    except ValueError:
        raise BadInput(f"{given[:40]} is none of {', '.join(kind)}") from None
