"""Word of warnings: once, in order, tried again, folded in a flood, dead after a day; and nothing of anybody in it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from tests.console import TEXTS, a_warning, furnish
from tests.fixtures import Made
from tests.hostile_peer import HostilePeer, answer, honest, redirect, silence
from tests.listeners import Collector, Mailbox, mail_server, tls_pair
from tocsin.app import doctor
from tocsin.app.channel_views import channel_views
from tocsin.app.channels import Place
from tocsin.app.routing import DEAD_AFTER_MICROS, Routing
from tocsin.kernel import (
    BadInput,
    ChannelKind,
    Level,
    NotAllowed,
    NotFound,
    NoticeState,
    Reason,
    RiskVector,
    Role,
    RoutingRule,
    ServiceFault,
    Warning,
    WarningKind,
    WarningStatus,
)

pytestmark = pytest.mark.net
EVERY = RoutingRule()
TAKEN = honest(b"{}", media_type="application/json")


def channel(
    made: Made,
    url: str,
    kind: ChannelKind = ChannelKind.WEBHOOK,
    rule: RoutingRule = EVERY,
    *,
    name: str = "duty",
    an_hour: int = 20,
    private: bool = True,
    **place: object,
) -> str:
    return made.node.channels.add(
        made.node.access.operator(),
        name,
        kind,
        msgspec.structs.replace(Place(url=url), **place),
        rule,
        an_hour=an_hour,
        allow_private=private,
    )


def ring(made: Made, number: int, **changed: object) -> Warning:
    warning = a_warning(number, now=made.now, **changed)
    made.node.store.warnings.upsert(warning)
    return warning


def said(peer: HostilePeer) -> list[dict[str, object]]:
    """The data of each webhook that came."""
    return [json.loads(asked.body)["data"] for asked in peer.asked]


def waits(made: Made, seconds: float = 10) -> None:
    made.now += timedelta(seconds=seconds)


def counts(made: Made) -> dict[str, int]:
    return {state.value: number for (_, state), number in made.node.store.outbox.counts().items()}


@pytest.fixture
def hook() -> Iterator[HostilePeer]:
    with HostilePeer(TAKEN) as peer:
        yield peer


def test_a_webhook_comes_once_signed_and_says_where_to_look(made: Made, hook: HostilePeer) -> None:
    secret = channel(made, hook.url + "in")
    warning = ring(made, 1)
    assert made.node.routing.tick() == 1
    assert made.node.routing.tick() == 0
    made.node.store.warnings.upsert(msgspec.structs.replace(warning, events=500))
    assert made.node.routing.tick() == 0, "found again is no news"
    (asked,) = hook.asked
    assert asked.path == "/in"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert asked.headers["webhook-signature"] == f"v1,{wanted}"
    (data,) = said(hook)
    assert (data["warning"], data["category"], data["accounts"]) == (warning.id, "fraud.scam", 14)
    assert data["rule"] == "this channel hears of every warning"
    assert data["link"] == "", "no public_url is set"


def test_a_restart_and_a_second_process_send_nothing_twice(made: Made, hook: HostilePeer) -> None:
    channel(made, hook.url)
    ring(made, 1)
    node = made.node
    other = Routing(
        node.store, node.settings, node.weighing, node.channels, made.clock, cases=node.case_words
    )
    assert node.routing.tick() == 1
    assert other.tick() == 0, "another process holds it"
    node.routing.release()
    ring(made, 2)
    assert other.tick() == 1
    assert len({asked.headers["webhook-id"] for asked in hook.asked}) == 2


def test_nothing_of_anybody_leaves(made: Made, hook: HostilePeer) -> None:
    channel(made, hook.url)
    channel(made, hook.url, ChannelKind.SLACK, name="slack")
    furnished = furnish(made)
    ring(
        made,
        77,
        reasons=(Reason("look-back.matched", {"peer": "lab-of-somebody"}), *furnished[0].reasons),
        samples=tuple(TEXTS),
        key="0xdeadbeefwallet",
    )
    made.node.routing.tick()
    assert len(hook.asked) >= 4
    sent = b"".join(asked.body for asked in hook.asked)
    for text, _ in TEXTS.values():
        assert text.encode() not in sent
    for word in (b"sample-1", b"account-", b"ps_", b"0xdeadbeef", b"lab-of-somebody", b"clerk@"):
        assert word not in sent


def test_what_was_open_before_the_channel_is_not_sent(made: Made, hook: HostilePeer) -> None:
    ring(made, 1)
    channel(made, hook.url)
    ring(made, 2)
    assert made.node.routing.tick() == 1
    assert counts(made) == {"passed": 1, "sent": 1}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (RoutingRule(kinds=(WarningKind.GUARD,)), "kind is guard"),
        (RoutingRule(categories=("cyber.phishing",)), "category is cyber.phishing"),
        (RoutingRule(languages=("zh", "ar")), "language is ar or zh"),
        (RoutingRule(risk=9.0), "risk 10 is at least 9"),
        (RoutingRule(score=2.0), "score is 3.0 times its threshold, at least 2"),
    ],
)
def test_a_rule_lets_through_what_it_names_and_says_so(
    made: Made, hook: HostilePeer, rule: RoutingRule, words: str
) -> None:
    furnish(made, warnings=1)
    channel(made, hook.url, rule=rule)
    fits = ring(
        made,
        5,
        kind=WarningKind.GUARD,
        category="cyber.phishing",
        score=15.0,
        samples=tuple(TEXTS),
        risk=RiskVector(*[Level.HIGH] * 5),
    )
    ring(made, 6, samples=())
    settings = msgspec.structs.replace(
        made.node.settings, contexts={"forum": ("context.health", "context.government")}
    )
    weighing = type(made.node.weighing)(made.node.store, settings)
    routing = Routing(
        made.node.store, settings, weighing, made.node.channels, made.clock, cases=made.node.case_words
    )
    assert routing.tick() == 1
    (data,) = said(hook)
    assert (data["warning"], data["rule"]) == (fits.id, words)


def test_a_failure_waits_keeps_the_order_and_sends_each_once(made: Made, hook: HostilePeer) -> None:
    hook.script = honest(b"no", status="503 Service Unavailable")
    channel(made, hook.url)
    rung = [ring(made, number) for number in (3, 2, 1)]
    assert made.node.routing.tick() == 0
    assert made.node.routing.tick() == 0
    assert len(hook.asked) == 1, "it rests before it tries again, and nothing overtakes"
    (row,) = channel_views(made.node)
    assert (row["failures"], row["waiting"], row["fault"]) == (1, 3, "duty: it answered 503")
    waits(made, 10)
    made.node.routing.tick()
    assert len(hook.asked) == 2
    waits(made, 15)
    made.node.routing.tick()
    assert len(hook.asked) == 2, "twice as long"
    hook.script = TAKEN
    waits(made, 10)
    assert made.node.routing.tick() == 3
    assert [data["warning"] for data in said(hook)[2:]] == [warning.id for warning in rung]
    ids = [asked.headers["webhook-id"] for asked in hook.asked]
    assert ids[0] == ids[1] == ids[2], "the same word under the same id"
    assert channel_views(made.node)[0]["fault"] == ""


@pytest.mark.parametrize(
    "script", [silence, redirect("http://127.0.0.1:1/"), honest(b"", status="404 Not Found")]
)
def test_whatever_is_not_taken_waits(made: Made, hook: HostilePeer, script: object) -> None:
    hook.script = script  # type: ignore[assignment]  # any script
    channel(made, hook.url)
    ring(made, 1)
    assert made.node.routing.tick() == 0
    assert counts(made) == {"waiting": 1}


def test_one_dead_channel_holds_up_no_other(made: Made, hook: HostilePeer) -> None:
    channel(made, "http://127.0.0.1:9/", name="a-dead-one")
    channel(made, hook.url, name="b-well")
    ring(made, 1)
    assert made.node.routing.tick() == 1


def test_after_a_day_it_is_dead_and_said_here(made: Made, hook: HostilePeer) -> None:
    hook.script = silence
    channel(made, hook.url)
    ring(made, 1)
    made.node.routing.tick()
    made.now += timedelta(microseconds=DEAD_AFTER_MICROS)
    ring(made, 2)
    hook.script = TAKEN
    made.node.routing.tick()
    assert counts(made) == {"dead": 1, "sent": 1}
    (dead,) = made.node.store.outbox.listed(NoticeState.DEAD)
    finding = next(one for one in doctor.examine(made.node) if one.name == "channels")
    assert not finding.ok
    assert "1 notices of this week could not be sent" in finding.detail
    assert dead.tries == 1
    made.now += timedelta(days=8)
    assert next(one for one in doctor.examine(made.node) if one.name == "channels").ok


def test_a_flood_comes_together(made: Made, hook: HostilePeer) -> None:
    channel(made, hook.url, an_hour=5)
    for number in range(40):
        ring(made, number, category="fraud.scam" if number % 4 else "cyber.phishing")
    made.node.routing.tick()
    sent = said(hook)
    assert len(sent) == 5
    assert [one["counts"] for one in sent[:4]] == [{}] * 4
    assert sum(sent[4]["counts"].values()) == 36  # type: ignore[attr-defined]
    assert json.loads(hook.asked[4].body)["type"] == "warning.digest"
    assert counts(made) == {"sent": 5, "folded": 36}
    ring(made, 99)
    assert made.node.routing.tick() == 0, "this hour is full"
    waits(made, 3_601)
    assert made.node.routing.tick() == 1
    assert said(hook)[5]["warning"] == a_warning(99, now=made.now).id


def test_a_digest_that_could_not_leave_is_folded_into_the_next(made: Made, hook: HostilePeer) -> None:
    hook.script = silence
    channel(made, hook.url, an_hour=1)
    for number in range(5):
        ring(made, number)
    made.node.routing.tick()
    for number in range(5, 8):
        ring(made, number)
    waits(made, 60)
    hook.script = TAKEN
    assert made.node.routing.tick() == 1
    assert sum(said(hook)[-1]["counts"].values()) == 8  # type: ignore[attr-defined]
    assert counts(made)["sent"] == 1
    assert "waiting" not in counts(made)


def test_what_was_decided_meanwhile_is_passed_over(made: Made, hook: HostilePeer) -> None:
    hook.script = silence
    channel(made, hook.url)
    warning = ring(made, 1, kind=WarningKind.PHRASE)
    made.node.routing.tick()
    made.node.reviewing.review(
        made.node.access.operator(),
        warning.id,
        WarningStatus.DISMISSED,
        category="",
        statement="a game of school",
        basis="",
    )
    hook.script = TAKEN
    waits(made)
    assert made.node.routing.tick() == 0
    assert counts(made) == {"passed": 1}


def test_one_that_wakes_is_said_again(made: Made, hook: HostilePeer) -> None:
    channel(made, hook.url)
    warning = ring(made, 1)
    made.node.routing.tick()
    by = made.node.access.operator()
    made.node.arranging.snooze(by, warning.id, reason="waiting for an answer", days=1)
    assert made.node.routing.tick() == 0
    waits(made, 86_400)
    made.node.arranging.tick()
    assert made.node.routing.tick() == 1
    assert [json.loads(asked.body)["type"] for asked in hook.asked] == ["warning.opened", "warning.woke"]
    assert made.node.routing.tick() == 0


@pytest.mark.parametrize("secure", [False, True], ids=["plain on this machine", "STARTTLS and a log-in"])
def test_mail_is_handed_over(made: Made, secure: bool) -> None:
    mailbox = Mailbox()
    context, pin = tls_pair() if secure else (None, None)
    with mail_server(mailbox, tls=context, login=secure) as port:
        channel(
            made,
            f"smtp://127.0.0.1:{port}",
            ChannelKind.EMAIL,
            sender="tocsin@town.example",
            to=("duty@town.example", "night@town.example"),
            pin=pin,
            user="tocsin" if secure else "",
            password="right" if secure else "",
        )
        warning = ring(made, 1)
        assert made.node.routing.tick() == 1
    ((sender, to, content),) = mailbox.mails
    assert (sender, to) == ("tocsin@town.example", ["duty@town.example", "night@town.example"])
    assert mailbox.secure == [secure]
    assert mailbox.logins == ([(b"tocsin", b"right")] if secure else [])
    (notice,) = made.node.store.outbox.listed(NoticeState.SENT)
    assert f"Message-ID: <{notice.id}@town.example>".encode() in content
    assert b"14 accounts" in content
    assert warning.key.encode() not in content


@pytest.mark.parametrize("wrong", ["password", "pin", "authority", "refuses"])
def test_mail_that_is_not_taken_waits(made: Made, wrong: str) -> None:
    mailbox = Mailbox()
    mailbox.refuses = "451 later" if wrong == "refuses" else ""
    context, pin = tls_pair()
    with mail_server(mailbox, tls=context, login=True) as port:
        channel(
            made,
            f"smtp://127.0.0.1:{port}",
            ChannelKind.EMAIL,
            sender="tocsin@town.example",
            to=("duty@town.example",),
            pin={"pin": b"\x00" * 32, "authority": None}.get(wrong, pin),
            user="tocsin",
            password="wrong" if wrong == "password" else "right",
        )
        ring(made, 1)
        assert made.node.routing.tick() == 0
    assert mailbox.mails == []
    (row,) = channel_views(made.node)
    assert row["fault"].startswith("duty: ")
    assert "wrong" not in row["fault"]
    if wrong in ("pin", "authority"):
        assert mailbox.logins == [], "no password to a server that is not the one"


def test_a_mail_server_without_tls_gets_no_password(made: Made) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        channel(
            made,
            f"smtp://127.0.0.1:{port}",
            ChannelKind.EMAIL,
            sender="tocsin@town.example",
            to=("duty@town.example",),
            user="tocsin",
            password="right",
        )
        with pytest.raises(ServiceFault, match="password is not sent"):
            made.node.channels.test(made.node.access.operator(), "duty")
    assert (mailbox.mails, mailbox.logins) == ([], [])


@pytest.mark.parametrize("way", ["tls", "tcp", "udp"])
def test_syslog_receives_one_frame_a_warning(made: Made, way: str) -> None:
    context, pin = tls_pair() if way == "tls" else (None, None)
    collector = Collector(tls=context, udp=way == "udp")
    try:
        channel(made, f"syslog+{way}://127.0.0.1:{collector.port}", ChannelKind.SYSLOG, pin=pin)
        ring(made, 1)
        assert made.node.routing.tick() == 1
        assert collector.came.wait(10)
    finally:
        collector.close()
    (message,) = collector.messages
    assert message.startswith(b"<3")
    assert b" node tocsin - opened - CEF:0|Tocsin|Tocsin|" in message
    assert b"cat=fraud.scam" in message


def test_an_unknown_collector_is_told_nothing(made: Made) -> None:
    context, _ = tls_pair()
    collector = Collector(tls=context)
    try:
        channel(made, f"syslog+tls://127.0.0.1:{collector.port}", ChannelKind.SYSLOG)
        ring(made, 1)
        assert made.node.routing.tick() == 0
    finally:
        collector.close()
    assert collector.messages == []


def test_a_test_says_that_nothing_rang(made: Made, hook: HostilePeer) -> None:
    channel(made, hook.url)
    by = made.node.access.operator()
    made.node.channels.test(by, "duty")
    assert json.loads(hook.asked[0].body)["type"] == "warning.test"
    assert counts(made) == {}
    with pytest.raises(NotFound):
        made.node.channels.test(by, "nobody")
    hook.script = lambda _: [answer(b"", status="500 Oops")]
    with pytest.raises(ServiceFault, match="500"):
        made.node.channels.test(by, "duty")
    assert [row.outcome for row in made.node.store.audit.read(act="channel.test")] == ["refused", "done"]


def test_what_is_secret_is_shown_to_nobody(made: Made) -> None:
    channel(made, "https://hooks.slack.example/services/T0/B0/secretpath", ChannelKind.SLACK, name="slack")
    secret = channel(made, "https://hooks.example/in?token=alsosecret", private=False)
    shown = repr(channel_views(made.node)) + repr(made.node.store.audit.read())
    rows = repr(made.node.store.outbox.channels())
    for word in ("secretpath", "alsosecret", secret):
        assert word not in shown
        assert word not in rows
    made.node.channels.remove(made.node.access.operator(), "duty")
    assert [row["name"] for row in channel_views(made.node)] == ["slack"]


def test_a_private_address_needs_a_word(made: Made, hook: HostilePeer) -> None:
    channel(made, hook.url, private=False)
    ring(made, 1)
    assert made.node.routing.tick() == 0
    assert hook.asked == []


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (ChannelKind.WEBHOOK, {"url": "ftp://x.example"}),
        (ChannelKind.WEBHOOK, {"url": "https://user:pw@x.example/"}),
        (ChannelKind.SLACK, {"url": "nothing"}),
        (ChannelKind.EMAIL, {"url": "smtps://m.example"}),
        (ChannelKind.EMAIL, {"url": "smtps://m.example", "sender": "a@b.example", "to": ("x\r\nBcc: y@z",)}),
        (
            ChannelKind.EMAIL,
            {"url": "smtps://m.example", "sender": "A <a@b.example>", "to": ("c@d.example",)},
        ),
        (ChannelKind.EMAIL, {"url": "https://m.example", "sender": "a@b.example", "to": ("c@d.example",)}),
        (ChannelKind.SYSLOG, {"url": "syslog://logs.example"}),
        (ChannelKind.SYSLOG, {"url": "syslog+tls://logs.example:99999"}),
        (ChannelKind.WEBHOOK, {"url": "https://x.example", "pin": b"short"}),
    ],
)
def test_an_address_that_is_none_is_refused(made: Made, kind: ChannelKind, place: dict[str, object]) -> None:
    url = str(place.pop("url"))
    with pytest.raises(BadInput):
        channel(made, url, kind, **place)  # type: ignore[arg-type]  # fields of a place
    assert made.node.store.outbox.channels() == ()


@pytest.mark.parametrize(
    "rule", [RoutingRule(categories=("political",)), RoutingRule(risk=11), RoutingRule(score=-1)]
)
def test_a_rule_that_is_none_is_refused(made: Made, rule: RoutingRule) -> None:
    with pytest.raises(BadInput):
        channel(made, "https://x.example", rule=rule)


def test_only_an_administrator_says_where_warnings_go(made: Made) -> None:
    made.node.access.add_user(made.node.access.operator(), "rita", (Role.REVIEWER,))
    with pytest.raises(NotAllowed):
        made.node.channels.remove(made.node.access.operator("rita"), "duty")
