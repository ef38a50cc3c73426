"""One base; the type says whose fault it is, the message says what to do next.

The edge (`web`, `cli`) maps these to a status or an exit code and never shows anything else.
"""

from collections.abc import Mapping, Sequence

import msgspec

MAX_CHANGES_TOLD = 12
"""Changes that one sentence names; `Deviation.changes` has all."""


class Change(msgspec.Struct, frozen=True):
    """One way in which what was run differs from what was registered. `what` is a word of docs/plans.md."""

    what: str
    where: str
    was: str
    now: str

    @property
    def sentence(self) -> str:
        """In plain words, without what would move a terminal's cursor: names come from logs."""
        told = f"{self.what} {self.where}"
        if self.was and self.now:
            told += f": {self.was} became {self.now}"
        elif self.was or self.now:
            told += f": {self.was or self.now}"
        return "".join(character if character.isprintable() else "?" for character in told)


class TocsinError(Exception):
    """The base. `code` is stable and documented in docs/reference.md; `status` is the HTTP answer."""

    code = "error"
    status = 500
    exit_code = 3

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadInput(TocsinError):
    """The sender's fault: what came in cannot be taken as it is."""

    code = "bad-input"
    status = 400
    exit_code = 2


class TooLarge(BadInput):
    """The sender's fault: a named bound was passed."""

    code = "too-large"
    status = 413


class NotAllowed(TocsinError):
    """The caller may not. Says no more than that to a stranger."""

    code = "not-allowed"
    status = 403
    exit_code = 1


class NotFound(TocsinError):
    """There is no such thing, or the caller may not know of it: the same answer."""

    code = "not-found"
    status = 404
    exit_code = 1


class Conflict(TocsinError):
    """The thing changed meanwhile, or belongs to another author."""

    code = "conflict"
    status = 409
    exit_code = 1


class Equivocation(Conflict):
    """One author signed two contents of one version. Both roots are in the audit."""

    code = "equivocation"

    def __init__(self, record: str, detail: Mapping[str, str]) -> None:
        """`detail` names what proves it (`trust.views.Equivocation.detail`): both roots at least."""
        super().__init__(
            f"{record} comes with another content than its author signed for this version before (root"
            f" {detail['given_root'][:12]}, kept is {detail['kept_root'][:12]}): that is equivocation; ask its author"
        )
        self.record = record
        self.detail = dict(detail)


class Deviation(Conflict):
    """What was run is not what was registered. Each change is named; nothing of it was judged."""

    code = "deviation"

    def __init__(self, changes: Sequence[Change]) -> None:
        shown = "; ".join(one.sentence for one in changes[:MAX_CHANGES_TOLD])
        more = len(changes) - MAX_CHANGES_TOLD
        super().__init__(
            f"this is not what was registered: {shown}{f'; and {more} more' if more > 0 else ''}. A plan that changes"
            " is another plan: register it before its run"
        )
        self.changes = tuple(changes)


class PeerFault(TocsinError):
    """A named peer answered wrongly. Nothing of its answer was kept."""

    code = "peer-fault"
    status = 502

    def __init__(self, peer: str, message: str) -> None:
        super().__init__(f"peer {peer}: {message}")
        self.peer = peer


class ProviderFault(TocsinError):
    """The OpenID provider did not answer, or answered what cannot be trusted. Nobody was let in by it."""

    code = "provider-fault"
    status = 502


class ServiceFault(TocsinError):
    """A service that an operator named (a guard model, a channel) did not answer as it should."""

    code = "service-fault"
    status = 502


class Unavailable(TocsinError):
    """This node cannot just now (disk full, database away). What was acknowledged is safe; try again."""

    code = "unavailable"
    status = 503
