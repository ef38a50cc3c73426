"""GET /schemas/NAME: the published JSON Schemas, for anybody."""

from litestar import Response, get
from litestar.params import FromPath

from tocsin.kernel import NotFound
from tocsin.wire.schemas import published, schema_bytes

MEDIA_TYPE = "application/schema+json"
_BYTES = {name: schema_bytes(schema) for name, schema in published().items()}


@get("/schemas/{name:str}", sync_to_thread=False)
def schema(name: FromPath[str]) -> Response[bytes]:
    """One schema, as its file beside the code."""
    content = _BYTES.get(name)
    if content is None:
        raise NotFound(f"no such schema; there are {', '.join(_BYTES)}")
    return Response(content, media_type=MEDIA_TYPE)
