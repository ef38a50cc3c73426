"""/v1/access/envoy/...: what Envoy's ext_authz filter asks over HTTP before it lets a request through.

Envoy sends the request's method, its path behind a prefix of the operator's, and headers that its configuration names,
without the body. 200 lets it through; 403, and whatever else, does not. Model, capability, act and purpose stand in the
prefix: the operator's word, not the caller's. So must be `x-tocsin-subject`, which Envoy sets after it found out who
asks, and strips from what comes in (docs/access.md).
"""

from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.admission import Answered
from tocsin.kernel import BadInput
from tocsin.web.access import admit_gateway
from tocsin.web.auth import node_of
from tocsin.web.problems import problem
from tocsin.wire.authzen import access_request

PREFIX = "/v1/access/envoy/{model:str}/{capability:str}/{act:str}/{purpose:str}"
METHODS = [
    HttpMethod.GET,
    HttpMethod.POST,
    HttpMethod.PUT,
    HttpMethod.PATCH,
    HttpMethod.DELETE,
    HttpMethod.HEAD,
    HttpMethod.OPTIONS,
]
NO_PURPOSE = "-"


@route([PREFIX, PREFIX + "/{rest:path}"], http_method=METHODS, status_code=200, include_in_schema=False)
async def envoy(
    request: Request[Any, Any, Any],
    model: FromPath[str],
    capability: FromPath[str],
    act: FromPath[str],
    purpose: FromPath[str],
) -> Response[bytes]:
    """200 with `x-tocsin-obligations`, or 403 with problem details that say why."""
    await admit_gateway(request, b"")
    headers, admission = request.headers, node_of(request).admission
    subject = headers.get("x-tocsin-subject", "")
    if not subject or "," in subject or len(headers.getall("x-tocsin-subject")) != 1:  # two, joined or not
        raise BadInput("Envoy sets exactly one x-tocsin-subject, after it found out who asks")

    def work() -> Answered:
        asked = access_request(
            subject=subject,
            act=act,
            model=model,
            capability=capability,
            purpose="" if purpose == NO_PURPOSE else purpose,
            terms=headers.get("x-tocsin-terms") == "accepted",
            control=headers.get("x-tocsin-control", ""),
            shown=headers.get("x-tocsin-shown", ""),
            input=headers.get("x-tocsin-input", ""),
            attributes={
                name: headers.get(f"x-tocsin-{name.replace('_', '-')}", "") for name in admission.attributes()
            },
        )
        return admission.answered(asked)

    answer = (await sync_to_thread(work)).answer
    told = {
        "x-tocsin-decision": "granted" if answer.granted else "refused",
        "x-tocsin-obligations": ",".join(dict.fromkeys(one.kind.value for one in answer.obligations)),
        "x-tocsin-overlays": ",".join(answer.overlays),
    }
    if answer.granted:
        return Response(b"", headers=told)
    says = " ".join(one.says for one in answer.reasons)
    return problem(403, "access-refused", says, told)
