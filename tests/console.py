"""A node with something to show, and a person in front of its console."""

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

import httpx
import msgspec
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tocsin.kernel import (
    TLP,
    Entry,
    EventLine,
    Kind,
    Level,
    Manifest,
    Origin,
    Peer,
    PeerStatus,
    Reason,
    Record,
    RiskVector,
    Role,
    Verdict,
    Warning,
    WarningKind,
    WarningStatus,
    micros,
)

Client = TestClient[Litestar]
DAY = 86_400_000_000

ORIGIN = {"Origin": "http://testserver.local"}
"""What a browser says with a form of the page it is on."""

TEXTS = {
    "sample-1": ("Your lottery refund is ready, write to clerk@lottery.example before noon.", "en"),
    "sample-2": ("استرداد اليانصيب جاهز، اكتب اليوم", "ar"),
    "sample-3": ("彩票退款已准备好，请今天联系我们。", "zh"),
}


REASONS = (
    Reason("campaign.repeats", {"actors": 14, "events": 49, "days": 14}),
    Reason("campaign.shared-wallet", {"having": 9, "actors": 14, "elsewhere": 0, "weight": 3.0}),
    Reason("campaign.new-accounts", {"new": 12, "known": 14, "usual": 0.07, "weight": 2.41}),
    Reason("campaign.devoted", {"devoted": 11, "busy": 13, "weight": 1.72}),
)
REFUTATIONS = tuple(
    Reason(f"refute.{code}")
    for code in ("template", "collective", "public-wallet", "moved-accounts", "automation")
)


def log_in(client: Client, token: str, onward: str = "") -> httpx.Response:
    """Log in as a browser does; the client keeps the cookie."""
    return client.post(
        "/login", data={"token": token, "next": onward}, headers=ORIGIN, follow_redirects=False
    )


def csrf_of(page: str) -> str:
    """The form token that a page carries."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found, "the page has no form token"
    return found[1]


def send(client: Client, path: str, page: str, **fields: str) -> httpx.Response:
    """Send a form of `page`, with its token."""
    return client.post(
        path, data={"csrf": csrf_of(client.get(page).text), **fields}, headers=ORIGIN, follow_redirects=False
    )


def token_for(made: Made, name: str, *roles: Role, peer: str | None = None) -> str:
    """A new user's token."""
    operator = made.node.access.operator()
    made.node.access.add_user(operator, name, roles, peer=peer)
    return made.node.access.issue_token(operator, name)


def a_warning(number: int = 1, *, now: datetime, **changed: object) -> Warning:
    """A campaign of lottery refunds; `number` makes its id and moves its times."""
    last = micros(now) - number * DAY // 5
    first_day = (last // DAY - 12) * DAY
    timeline = tuple((first_day + day * DAY, 2 + day * day % 11) for day in range(13) if day % 5 != 3)
    warning = Warning(
        id=f"00000000-0000-5000-8000-{number:012d}",
        kind=WarningKind.CAMPAIGN,
        key=f"key-{number}",
        category="fraud.scam",
        actors=14,
        events=sum(events for _, events in timeline),
        first_seen=first_day,
        last_seen=last,
        score=7.13,
        threshold=5.0,
        confidence=86,
        risk=RiskVector(Level.LOW, Level.HIGH, Level.HIGH, Level.NONE, Level.MEDIUM),
        reasons=REASONS,
        refutations=REFUTATIONS,
        samples=tuple(TEXTS),
        timeline=timeline,
        updated=last,
    )
    return msgspec.structs.replace(warning, **changed)


def furnish(made: Made, *, warnings: int = 9) -> list[Warning]:
    """Events under the first warning, warnings of every kind and status, peers in every state, one manifest."""
    store, now = made.node.store, made.now
    made.node.acceptor.accept(
        [
            EventLine(
                id=name,
                time=now - timedelta(hours=5),
                source="forum",
                kind=Kind.POST,
                actor=f"account-{name}",
                text=text,
                lang=lang,
            )
            for name, (text, lang) in TEXTS.items()
        ]
    )
    categories = ("fraud.scam", "influence.inauthentic", "cyber.phishing")
    kinds, statuses = tuple(WarningKind), (WarningStatus.OPEN, WarningStatus.OPEN, WarningStatus.QUIETED)
    made_up = [
        a_warning(
            number,
            now=now,
            kind=kinds[(number + 1) % 3],
            category=categories[number % 3],
            status=statuses[number % 3],
            actors=5 * number + 14,
            samples=tuple(TEXTS) if number == 0 else (),
            peer="lab" if kinds[(number + 1) % 3] is WarningKind.LOOK_BACK else None,
        )
        for number in range(warnings)
    ]
    for warning in made_up:
        store.warnings.upsert(warning)
    for peer in some_peers(now):
        store.peers.add(peer)
    record, manifest = a_release(made_up[0].id)
    store.records.put([record])
    store.releases.log_manifest(manifest, by=made.node.access.operator().user, at=micros(now))
    return made_up


def some_peers(now: datetime) -> tuple[Peer, ...]:
    """One that is well, one that fails, one whose key nobody has compared."""
    return (
        Peer(
            name="lab",
            url="https://lab.example:8443",
            status=PeerStatus.TRUSTED,
            ceiling=TLP.AMBER,
            last_pull=micros(now) - 120_000_000,
        ),
        Peer(
            name="institute",
            url="https://institute.example",
            status=PeerStatus.TRUSTED,
            failures=3,
            last_error="peer institute: answered with a redirect; ask its operator for the right address",
            retry_at=micros(now) + 60_000_000,
        ),
        Peer(name="university", url="https://university.example"),
    )


def a_release(warning_id: str, text: str = "campaign") -> tuple[Record, Manifest]:
    """A record of a warning, and a manifest that let it out; `text` stands wherever a manifest holds words."""
    record = Record(
        id="campaign--0b9c7f0e-6d2c-5a2f-9a0e-3f1f0f1d2c3b",
        type="campaign",
        version=1,
        stix=b"{}",
        origin=Origin.OWN,
        author="identity--0b9c7f0e-6d2c-5a2f-9a0e-3f1f0f1d2c3b",
        tlp=TLP.GREEN,
        category="fraud.scam",
        added=1,
        warning=warning_id,
    )
    entry = Entry(
        id=record.id,
        type=text,
        version=text if text != "campaign" else "2026-11-20T12:00:00.000Z",
        verdict=Verdict.RELEASE,
        rule="share.known-type" if text == "campaign" else text,
        fields={"name": "kept", "description": f"withheld: {text}"},
        sha256="12" * 32,
        size=1_433,
    )
    refused = msgspec.structs.replace(
        entry,
        id="indicator--1",
        verdict=Verdict.REFUSE,
        rule="share.marking-above-ceiling",
        sha256="",
        size=0,
    )
    manifest = Manifest(
        peer="lab",
        purpose="misuse-defence" if text == "campaign" else text,
        policy="ab" * 32,
        entries=(entry, refused),
        digest="cd" * 32,
    )
    return record, manifest


class Markup(HTMLParser):
    """What a page is made of: every tag with its attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, *names: str) -> list[dict[str, str]]:
        """The attributes of every tag of these names."""
        return [attributes for tag, attributes in self.tags if tag in names]
