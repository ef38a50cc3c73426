"""GET /v1/models, /v1/models/{digest} and its /inventory: what this node remembers of artefacts, for programs."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery, QueryParameter

from tocsin.app import inventories
from tocsin.app.artefact_words import said, told
from tocsin.kernel import BadInput
from tocsin.kernel.artefacts import ArtefactVerdict, Inspection
from tocsin.kernel.models import FollowedModel, InspectionLine, MeasuredDescent
from tocsin.web.auth import node_of, require

PAGE = 100
MAX_PAGE = 1_000


class ModelsPage(msgspec.Struct, frozen=True):
    """Followed models, and the latest look at each artefact, newest first. `next` is `before` of the next page."""

    models: tuple[FollowedModel, ...]
    artefacts: tuple[InspectionLine, ...]
    next: int | None


class Said(msgspec.Struct, frozen=True):
    """Word about an artefact; `told` says in sentences what changed. `at` in microseconds."""

    id: str
    cause: str
    at: int
    model: str
    said: str
    told: tuple[str, ...]
    read: bool
    answer: str


class ModelAnswer(msgspec.Struct, frozen=True):
    """One artefact: whether its verdict stands, the look it rests on, earlier ones, and what was said."""

    stands: bool
    line: InspectionLine
    inspection: Inspection
    history: tuple[InspectionLine, ...]
    notices: tuple[Said, ...]
    measured: tuple[MeasuredDescent, ...]


@get("/v1/models")
async def models(
    request: Request[Any, Any, Any],
    verdict: FromQuery[str] = "",
    reopened: FromQuery[bool | None] = None,
    part: FromQuery[str] = "",
    before: FromQuery[int | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE)] = PAGE,
) -> ModelsPage:
    """`part` is the sha256 of a file: the artefacts that hold it."""
    await require(request, "model.read")
    if verdict and verdict not in set(ArtefactVerdict):
        raise BadInput(f"verdict is one of: {', '.join(ArtefactVerdict)}")
    node = node_of(request)

    def read() -> ModelsPage:
        lines = node.artefacts.listed(
            verdict=ArtefactVerdict(verdict) if verdict else None,
            part=part or None,
            reopened=reopened,
            before=before,
            limit=limit,
        )
        followed = node.store.followed.every() if before is None else ()
        return ModelsPage(followed, lines, lines[-1].seq if len(lines) == limit else None)

    return await sync_to_thread(read)


@get("/v1/models/{digest:str}")
async def model(request: Request[Any, Any, Any], digest: FromPath[str]) -> ModelAnswer:
    """404 when nothing of this digest is kept."""
    await require(request, "model.read")
    node = node_of(request)

    def read() -> ModelAnswer:
        kept = node.artefacts.latest(digest)
        notices = node.store.artefact_notices.listed(artefact=digest, limit=MAX_PAGE)
        return ModelAnswer(
            kept.line.stands,
            kept.line,
            kept.inspection,
            node.store.inspections.history(digest, limit=MAX_PAGE),
            tuple(
                Said(
                    one.id,
                    one.cause.value,
                    one.at,
                    one.model,
                    said(one),
                    told(one),
                    one.read is not None,
                    one.answer,
                )
                for one in notices
            ),
            node.store.descents.of(digest, limit=MAX_PAGE),
        )

    return await sync_to_thread(read)


@get("/v1/models/{digest:str}/inventory")
async def inventory(
    request: Request[Any, Any, Any],
    digest: FromPath[str],
    form: Annotated[str, QueryParameter(name="format")] = "",
) -> Response[bytes]:
    """From the latest inspection that is kept, as an attachment. 404 when nothing of this digest is kept."""
    await require(request, "model.read")
    node, asked = node_of(request), inventories.form_of(form)

    def read() -> Response[bytes]:
        inspection = node.artefacts.latest(digest).inspection
        return Response(
            inventories.written(inspection, asked, node.descents.ancestors(digest)),
            media_type=inventories.MEDIA_TYPES[asked],
            headers=inventories.headers(inspection, asked),
        )

    return await sync_to_thread(read)
