"""Channels as an operator names them: added, tested, listed, removed; what is secret of one lies sealed."""

import os
from collections.abc import Callable, Sequence

import msgspec

from tocsin import __version__
from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.notice_ids import notice_id
from tocsin.kernel import (
    BadInput,
    Caller,
    Channel,
    ChannelKind,
    Clock,
    NotFound,
    Notice,
    NoticeState,
    RoutingRule,
    ServiceFault,
    Unavailable,
    WarningStatus,
    micros,
)
from tocsin.kernel.cases import Queue
from tocsin.net import MailClient, ServiceClient, SyslogClient
from tocsin.store.interface import Store
from tocsin.taxonomy import category
from tocsin.taxonomy.guard_files import NAME
from tocsin.trust.webhooks import mint_secret, signed_headers
from tocsin.wire.notices import Word, as_json, as_letter, as_mail, as_slack, as_syslog

MAX_CHANNELS = 20
MAX_RECIPIENTS = 20
AN_HOUR = 20
"""Messages an hour that a person still reads."""

WEBHOOK_TIMEOUT_SECONDS = 15.0
"""Standard Webhooks: 15 to 30 seconds."""

MAX_ANSWER_BYTES = 64 << 10
MAX_BEFORE = 10_000
PIN_BYTES = 32
OPENED = "opened"


class Place(msgspec.Struct, frozen=True):
    """All of an address, secrets included; sealed in the channel."""

    url: str
    secret: str = ""
    user: str = ""
    password: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    pin: bytes | None = None


class Channels:
    """Names, keeps, tests and speaks to channels."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        clock: Clock,
        node: str,
        *,
        queues: Callable[[], tuple[Queue, ...]],
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._clock = clock
        self._node = node
        self._queues = queues

    def add(
        self,
        by: Caller,
        name: str,
        kind: ChannelKind,
        place: Place,
        rule: RoutingRule,
        *,
        an_hour: int = AN_HOUR,
        allow_private: bool = False,
        language: str = "en",
    ) -> str:
        """A new channel; returns a webhook's secret, shown once, else "". What is open already is not sent to it.

        Raises NotAllowed, BadInput, Conflict.
        """
        self._access.require(by, "channel.manage")
        if not NAME.fullmatch(name):
            raise BadInput("a channel's name has up to 40 small letters, digits and hyphens")
        if len(self._store.outbox.channels()) >= MAX_CHANNELS:
            raise BadInput(f"a node has at most {MAX_CHANNELS} channels: remove one")
        if an_hour < 1:
            raise BadInput("a channel sends at least one message an hour")
        _check_rule(rule)
        self._check_queues(rule)
        if kind is ChannelKind.WEBHOOK:
            place = msgspec.structs.replace(place, secret=mint_secret(os.urandom))
        if kind is ChannelKind.EMAIL:
            _check_mail(place)
        if place.pin is not None and len(place.pin) != PIN_BYTES:
            raise BadInput("a pin is the SHA-256 of the server's key: 64 hexadecimal digits")
        now = micros(self._clock())
        channel = Channel(
            name=name,
            kind=kind,
            place=_shown(name, kind, place, allow_private),
            sealed=self._keys.secrets.close(msgspec.msgpack.encode(place), _label(name)),
            rule=rule,
            by=by.user,
            made=now,
            an_hour=an_hour,
            allow_private=allow_private,
            language=language,
        )
        before = self._store.warnings.list(status=WarningStatus.OPEN, limit=MAX_BEFORE)
        with self._store.together():
            self._store.outbox.add(channel)
            self._store.outbox.offer(
                [
                    Notice(
                        id=notice_id(name, now, warning.id, OPENED),
                        channel=name,
                        warning=warning.id,
                        occasion=OPENED,
                        made=now,
                        state=NoticeState.PASSED,
                    )
                    for warning in before
                ]
            )
            self._access.audit(
                by.user,
                "channel.add",
                subject=name,
                purpose="",
                detail={"kind": kind.value, "place": channel.place, "rule": said_of(rule)},
            )
        return place.secret if kind is ChannelKind.WEBHOOK else ""

    def _check_queues(self, rule: RoutingRule) -> None:
        """Of a restricted queue no channel hears, and it is answered as one that is not there."""
        for name in rule.queues:
            if not any(queue.id == name and not queue.restricted for queue in self._queues()):
                raise BadInput(f"there is no open queue {name[:64]}: `tocsin case queues` lists them")

    def remove(self, by: Caller, name: str) -> None:
        """End a channel; what waits for it is not sent. Raises NotAllowed, NotFound."""
        self._access.require(by, "channel.manage")
        with self._store.together():
            self._store.outbox.remove(name)
            self._access.audit(by.user, "channel.remove", subject=name, purpose="")

    def test(self, by: Caller, name: str) -> None:
        """Send a word that is none to a channel. Raises NotAllowed, NotFound, ServiceFault."""
        self._access.require(by, "channel.manage")
        channel = self._store.outbox.get(name)
        if channel is None:
            raise NotFound(f"there is no channel {name[:64]}: `tocsin watch channels list` shows them")
        now = micros(self._clock())
        word = Word(
            id=notice_id(name, channel.made, "", f"test-{now}"),
            occasion="test",
            node=self._node,
            at=now,
            link="",
            title="A test of this channel",
            why=("Somebody at this node tries whether word of a warning would reach you. Nothing has rung.",),
        )
        outcome = "refused"
        try:
            self.speak(channel, word)
            outcome = "done"
        finally:
            self._access.audit(by.user, "channel.test", subject=name, purpose="", outcome=outcome)

    def write(self, name: str, to: str, *, subject: str, text: str) -> None:
        """A mail to one person by a channel's server; the address is kept nowhere. Raises Unavailable, ServiceFault."""
        channel = next((one for one in self._store.outbox.channels() if one.name == name), None)
        if channel is None or channel.kind is not ChannelKind.EMAIL:
            raise Unavailable("no mail can be sent: the operator names a channel of kind email")
        place = msgspec.msgpack.decode(
            self._keys.secrets.open(channel.sealed, _label(channel.name)), type=Place
        )
        mail = _mail(channel, place)
        now, drawn = micros(self._clock()), os.urandom(16).hex()
        letter = as_letter(sender=place.sender, to=to, subject=subject, text=text, at=now, name=drawn)
        mail.send(place.sender, (to,), letter)

    def speak(self, channel: Channel, word: Word) -> None:
        """Send one word. Returns when the other side took it, as far as its protocol says. Raises ServiceFault."""
        plain = self._keys.secrets.open(channel.sealed, _label(channel.name))
        place = msgspec.msgpack.decode(plain, type=Place)
        name, private = channel.name, channel.allow_private
        match channel.kind:
            case ChannelKind.EMAIL:
                mail = _mail(channel, place)
                mail.send(place.sender, place.to, as_mail(word, sender=place.sender, to=place.to))
            case ChannelKind.SYSLOG:
                syslog = SyslogClient(name, place.url, allow_private=private, pin=place.pin)
                syslog.send(as_syslog(word, host=self._node, version=__version__))
            case ChannelKind.SLACK:
                _post(name, place, private, as_slack(word), {})
            case ChannelKind.WEBHOOK:
                body = as_json(word)
                at = micros(self._clock()) // 1_000_000
                _post(name, place, private, body, signed_headers(place.secret, id=word.id, at=at, body=body))


def _mail(channel: Channel, place: Place) -> MailClient:
    return MailClient(
        channel.name,
        place.url,
        allow_private=channel.allow_private,
        pin=place.pin,
        user=place.user,
        password=place.password,
    )


def said_of(rule: RoutingRule) -> str:
    """A rule in words, as people and the rule's own notices say it."""
    parts = [
        _any_of("kind", [kind.value for kind in rule.kinds]),
        _any_of("category", rule.categories),
        _any_of("language", rule.languages),
        f"risk is at least {rule.risk:g}" if rule.risk else "",
        f"score is at least {rule.score:g} times its threshold" if rule.score else "",
    ]
    said = "; ".join(part for part in parts if part) or "it hears of every warning"
    of_cases = [
        _any_of("urgency", [urgency.value for urgency in rule.urgencies]),
        _any_of("queue", rule.queues),
    ]
    asked = "; ".join(part for part in of_cases if part)
    return f"{said}. Of cases: {asked}" if asked else said


def _any_of(name: str, values: Sequence[str]) -> str:
    return f"{name} is {' or '.join(values)}" if values else ""


def _post(name: str, place: Place, private: bool, body: bytes, headers: dict[str, str]) -> None:
    client = ServiceClient(
        name,
        place.url,
        allow_private=private,
        timeout=WEBHOOK_TIMEOUT_SECONDS,
        limit=MAX_ANSWER_BYTES,
        pin=place.pin,
    )
    answer = client.post(body, headers=headers)
    if not 200 <= answer.status < 300:
        raise ServiceFault(f"{name}: it answered {answer.status}")


def _shown(name: str, kind: ChannelKind, place: Place, private: bool) -> str:
    """What may be shown of the address; and it is checked by this. The path of a Slack address is its password."""
    match kind:
        case ChannelKind.EMAIL:
            origin = MailClient(name, place.url, allow_private=private).origin
            return f"{', '.join(place.to)} by {origin}"
        case ChannelKind.SYSLOG:
            return SyslogClient(name, place.url, allow_private=private).origin
    return ServiceClient(
        name,
        place.url,
        allow_private=private,
        timeout=WEBHOOK_TIMEOUT_SECONDS,
        limit=MAX_ANSWER_BYTES,
    ).origin


def _check_rule(rule: RoutingRule) -> None:
    for name in rule.categories:
        if category(name) is None:
            raise BadInput(f"{name[:64]!r} is no category: `tocsin taxonomy` lists them")
    if not 0 <= rule.risk <= 10:
        raise BadInput("risk is 0 to 10")
    if not 0 <= rule.score <= 100:
        raise BadInput("score is a multiple of a warning's threshold: 0 to 100")


def _check_mail(place: Place) -> None:
    if not place.to or len(place.to) > MAX_RECIPIENTS:
        raise BadInput(f"name 1 to {MAX_RECIPIENTS} recipients with --to")
    for address in (place.sender, *place.to):
        local, _, domain = address.rpartition("@")
        plain = address.isascii() and address.isprintable() and not set(address) & set(' <>,;:"()[]\\')
        if not (local and domain and plain and len(address) <= 254):
            raise BadInput(f"{address[:64]!r} is no plain mail address: name sender and recipients so")
    if place.user and not place.password:
        raise BadInput("a user needs a password: it is asked for")


def _label(name: str) -> str:
    return f"channel:{name}"
