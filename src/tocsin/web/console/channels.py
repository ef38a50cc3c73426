"""Where word of a warning goes, what waits, and what nobody was told of. Channels are named on the command line."""

from typing import Any

from litestar import Request, Response, get

from tocsin.app.channel_views import channel_views
from tocsin.kernel import NoticeState
from tocsin.web.console import acts
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

MAX_SHOWN = 50


@get("/channels", sync_to_thread=True)
def channels_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every channel and how it stands; dead letters, and what left last."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    outbox = visit.node.store.outbox
    return render(
        visit,
        "channels.html",
        rows=channel_views(visit.node),
        dead=outbox.listed(NoticeState.DEAD, limit=MAX_SHOWN),
        sent=outbox.listed(NoticeState.SENT, limit=MAX_SHOWN),
        may_read=visit.may(acts.WARNINGS_READ),
        linked=bool(visit.node.settings.public_url),
    )
