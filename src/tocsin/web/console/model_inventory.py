"""What an artefact is made of, as a file that other tools read."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.app import inventories
from tocsin.web.console import acts
from tocsin.web.console.models import kept_of
from tocsin.web.console.visits import visit_of


@get("/models/{digest:str}/inventory", sync_to_thread=True)
def model_inventory(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[bytes]:
    """From the kept inspection, the latest or that of ?inspection=, as an attachment. Raises NotFound, BadInput."""
    visit = visit_of(request)
    visit.require(acts.MODELS_READ)
    form = inventories.form_of(visit.query.get("format", ""))
    inspection = kept_of(visit, digest).inspection
    return Response(
        inventories.written(inspection, form, visit.node.descents.ancestors(digest)),
        media_type=inventories.MEDIA_TYPES[form],
        headers=inventories.headers(inspection, form),
    )
