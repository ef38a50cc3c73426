"""settings.toml: what an operator may choose. Every field has a default; an unknown one is an error."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.app.key_store import FOLDER_NAME
from tocsin.app.settings_faults import fault_in
from tocsin.kernel import TLP, BadInput, Role
from tocsin.kernel.limits import (
    CAMPAIGN_WINDOW_DAYS,
    LEAST_DISMISSERS,
    LOOK_BACK_DAYS,
    MAX_LABEL_CHARS,
    RETENTION_DAYS_CASES,
    RETENTION_DAYS_EVENTS,
    RETENTION_DAYS_EXHIBITS,
    RETENTION_DAYS_TEXT,
    SIGHTING_DELAY_SECONDS,
)

FILE_NAME = "settings.toml"
CONVERSATION_DAYS = 7
CONVERSATION_DAYS_MOST = 30
"""Longer would be a file on people, which this is not to become."""
LABEL_RECALL_DAYS = 180
"""Six months, as long as China's measures on labels have a producer keep its log of what it gave out unlabelled."""
LABEL_RECALL_DAYS_MOST = 1_100
"""Three years: the longest prescription of a claim over a publication that we know of."""
MAX_ALARMS_PER_WEEK = 100
"""More is a list, not an alarm, and beyond the calibrated rates for a node of few series."""

Region = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 .-]{0,31}$")]


class DismisserSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a peer's dismissals weigh here, and under whose roof it stands."""

    weight: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    organisation: Annotated[str, Meta(max_length=64)] = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `docs/reference.md` explains is what stands here."""

    name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            pattern=r"^[^\x00-\x1f\"\\]+$",
            description="What peers and people see of this node.",
        ),
    ] = "tocsin"
    language: Annotated[
        str, Meta(description="Language of the console for a browser that asks for none.")
    ] = "en"
    tlp: Annotated[TLP, Meta(description="Marking (TLP 2.0) of records that nobody marked otherwise.")] = (
        TLP.GREEN
    )
    retention_text_days: Annotated[
        int,
        Meta(
            ge=1, description="Days that sealed text and fingerprints live; then the day's key is destroyed."
        ),
    ] = RETENTION_DAYS_TEXT
    key_store: Annotated[
        str,
        Meta(
            max_length=4096,
            description="Folder of the day keys, for instance on a disk that no backup reads; "
            "`keystore` in the node's folder when empty. Move the folder before you change this.",
        ),
    ] = ""
    retention_events_days: Annotated[int, Meta(ge=1, description="Days that events without text live.")] = (
        RETENTION_DAYS_EVENTS
    )
    retention_exhibits_days: Annotated[
        int,
        Meta(
            ge=1,
            description="Days that evidence lives after its case's last act, then destroyed; a legal hold stops it.",
        ),
    ] = RETENTION_DAYS_EXHIBITS
    conversation_days: Annotated[
        int,
        Meta(
            ge=1,
            le=CONVERSATION_DAYS_MOST,
            description="Days that acts in conversations live, then deleted.",
        ),
    ] = CONVERSATION_DAYS
    campaign_window_days: Annotated[
        int,
        Meta(ge=1, le=LOOK_BACK_DAYS, description="Days within which near-duplicates count as one campaign."),
    ] = CAMPAIGN_WINDOW_DAYS
    look_back_days: Annotated[
        int,
        Meta(
            ge=0,
            le=LOOK_BACK_DAYS,
            description="Days of its own past that a peer's indicator is held against.",
        ),
    ] = LOOK_BACK_DAYS
    trend_alarms_per_week: Annotated[
        float,
        Meta(
            ge=0.0,
            le=MAX_ALARMS_PER_WEEK,
            description="False alarms a week that all trends together may give; 0 counts and never rings.",
        ),
    ] = 1.0
    regions: Annotated[
        dict[Annotated[str, Meta(max_length=MAX_LABEL_CHARS)], Region],
        Meta(
            description="By source, the region that its service serves, never where a person is from: "
            '`{ forum = "europe" }`. Counts to come are told apart by it; past ones stay.'
        ),
    ] = {}
    watch_seconds: Annotated[float, Meta(gt=0.0, description="Pause between two looks at new events.")] = 2.0
    pull_seconds: Annotated[
        float,
        Meta(ge=0.0, description="Pause between two pulls from each trusted peer; 0 pulls only when asked."),
    ] = 60.0
    sum_seconds: Annotated[
        float,
        Meta(
            gt=0.0,
            description="Pause between two turns at private sums and distinct counts; nothing happens without consent.",
        ),
    ] = 5.0
    live: Annotated[
        bool,
        Meta(
            description="Keep a live line to each trusted peer and pull when it rings; not where pull_seconds is 0."
        ),
    ] = True
    compact_rows: Annotated[int, Meta(ge=1, description="Journal rows that trigger a move into Parquet.")] = (
        50_000
    )
    sighting_delay_seconds: Annotated[
        int,
        Meta(
            ge=0,
            description="A sighting leaves no sooner after its confirmation: the moment itself tells too much.",
        ),
    ] = SIGHTING_DELAY_SECONDS
    dismissals_needed: Annotated[
        int,
        Meta(
            ge=LEAST_DISMISSERS,
            description="Peers whose dismissals together quiet evidence well above the threshold.",
        ),
    ] = LEAST_DISMISSERS
    dismissers: Annotated[
        dict[str, DismisserSetting],
        Meta(
            description="By peer, in one line: what its dismissals weigh (0 not heard, 1 in full) and its "
            'organisation, whose nodes count once: `{ lab = { weight = 0.5, organisation = "acme" } }`.'
        ),
    ] = {}
    sample_share: Annotated[
        float,
        Meta(
            ge=0.0,
            le=1.0,
            description="Share of events that nothing flagged which is drawn for a look, so that misses can be "
            "estimated; 0 draws none.",
        ),
    ] = 0.0
    samples_a_day: Annotated[
        int, Meta(ge=1, le=1_000, description="At most so many of them a day come before a person.")
    ] = 20
    contexts: Annotated[
        dict[str, tuple[str, ...]],
        Meta(
            description="By source of events, the high-risk contexts it serves, of the taxonomy: "
            '`{ "clinic-chat" = ["context.health"] }`. They raise the risk of its warnings.'
        ),
    ] = {}
    duties: Annotated[
        tuple[str, ...],
        Meta(
            description="Duties to report that this organisation is under, by duty, pack or jurisdiction: suggested "
            "for each incident, and chosen by a person."
        ),
    ] = ()
    duty_channels: Annotated[
        tuple[str, ...],
        Meta(
            description="Channels that duty officers read: told before a clock of an incident runs out. Of restricted "
            "queues no channel hears."
        ),
    ] = ()
    case_channels: Annotated[
        tuple[str, ...],
        Meta(
            description="Channels that hear of cases: an urgent one came, one is late, an appeal, a grave decision "
            "that waits, measures to undo. Of restricted queues no channel hears."
        ),
    ] = ()
    report_approval: Annotated[
        bool,
        Meta(description="Whether a second person approves a report before it counts as sent."),
    ] = False
    rules_directly_from: Annotated[
        tuple[str, ...],
        Meta(
            description="Peers whose Sigma rules run here before a person looks at them; such a rule warns of five "
            "accounts or more only."
        ),
    ] = ()
    two_person_from: Annotated[
        TLP,
        Meta(
            description="Marking (TLP 2.0) from which two people approve; red asks nobody: it never leaves."
        ),
    ] = TLP.AMBER
    access_overlays: Annotated[
        tuple[str, ...],
        Meta(
            description="Overlays on access that are on, by id, of the files in DATA/access-overlays: what a law "
            "demands of who uses a model. None by default, and each answer names those that are."
        ),
    ] = ()
    public_reports: Annotated[
        bool,
        Meta(description="Whether anybody may report misuse at /report and /v1/reports, without an account."),
    ] = False
    applicants: Annotated[
        bool,
        Meta(
            description="Whether anybody may be verified as an end user at /apply, by what applicants.yaml believes; "
            "wallets answer at public_url, over https."
        ),
    ] = False
    public_proxy_prefixes: Annotated[
        tuple[str, ...],
        Meta(
            description="Networks of proxies of yours, whose X-Forwarded-For says where a public report comes from: "
            '`["127.0.0.1/32"]`. Without it all that comes through one counts as one sender.'
        ),
    ] = ()
    public_url: Annotated[
        str, Meta(description="Where peers and people reach this node, for the certificate.")
    ] = ""
    second_factor_roles: Annotated[
        tuple[Role, ...],
        Meta(
            description="Roles that count only in a session with a second factor: never by token or password alone."
        ),
    ] = ()
    oidc_issuer: Annotated[
        str, Meta(description="OpenID provider that people log in with, as it calls itself (https).")
    ] = ""
    oidc_client_id: Annotated[str, Meta(description="What the provider calls this node.")] = ""
    oidc_scopes: Annotated[
        tuple[str, ...], Meta(description="Scopes to ask for; the groups must come in the ID token.")
    ] = ("openid", "profile")
    oidc_groups_claim: Annotated[
        str, Meta(min_length=1, description="Claim that lists a person's groups.")
    ] = "groups"
    oidc_roles: Annotated[
        dict[str, tuple[Role, ...]],
        Meta(description="Group to roles. Whoever is in none of them is refused."),
    ] = {}
    oidc_hosts: Annotated[
        tuple[str, ...],
        Meta(
            description="Other hosts where the provider keeps its keys or gives its tokens; none by default."
        ),
    ] = ()
    oidc_mfa_acr: Annotated[
        tuple[str, ...],
        Meta(description="Values of `acr` that say a second factor was used, beside `mfa` in `amr`."),
    ] = ()
    oidc_allow_private: Annotated[
        bool,
        Meta(
            description="Whether the provider may be at a private address, or by plain http on this machine."
        ),
    ] = False

    retention_cases_days: Annotated[
        int,
        Meta(
            ge=1,
            description="Days that the words of a case live after its last act once it is over; then its key is "
            "destroyed. An appeal that can still be made and a legal hold stop it.",
        ),
    ] = RETENTION_DAYS_CASES
    label_recall_days: Annotated[
        int,
        Meta(
            ge=0,
            le=LABEL_RECALL_DAYS_MOST,
            description="Days that a content labelled here is remembered by what it is like, so that a copy without "
            "its label can be recognised in a case; 0 remembers none.",
        ),
    ] = LABEL_RECALL_DAYS
    compute_diligence: Annotated[
        bool,
        Meta(
            description="Whether it is recorded which questions of a template a customer of compute answered."
        ),
    ] = False
    patrol_share: Annotated[
        float,
        Meta(
            ge=0.0,
            le=1.0,
            description="Share of submissions of earlier weeks that each week's draw names for another look; "
            "0 draws none.",
        ),
    ] = 0.0
    out_of_court_body: Annotated[
        str,
        Meta(
            max_length=200,
            description="The out-of-court body that letters on decisions point to; empty for a general "
            "sentence.",
        ),
    ] = ""
    transparency_public: Annotated[
        bool,
        Meta(description="Whether `/transparency` shows published reports to anybody, without an account."),
    ] = False


def load(data: Path) -> Settings:
    """The settings of a node's folder. Raises BadInput naming the field that is wrong."""
    path = data / FILE_NAME
    try:
        settings = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
    except FileNotFoundError:
        raise BadInput(f"{data} is not a node's folder: make one with `tocsin init --data {data}`") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}; mend the line, or remove it for the default") from error
    if wrong := fault_in(settings):
        raise BadInput(f"{path}: {wrong}")
    return settings


def key_store_of(data: Path, settings: Settings) -> Path:
    """Where the day keys are; a relative path counts from the node's folder."""
    return data / (settings.key_store or FOLDER_NAME)


def write(data: Path, settings: Settings) -> None:
    """Write every setting with its value, for people to edit."""
    lines = ["# Settings of this node. `tocsin doctor` checks them; docs/reference.md explains them.\n"]
    for name, value in msgspec.to_builtins(settings).items():
        lines.append(f"{name} = {_toml(value)}\n")
    (data / FILE_NAME).write_text("".join(lines), "utf-8")


def _toml(value: object) -> str:
    """A setting as TOML: text, numbers, lists and one table of lists."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return msgspec.json.encode(value).decode()  # its escapes are TOML's
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return f"{{{', '.join(f'{_toml(name)} = {_toml(entry)}' for name, entry in value.items())}}}"
    return str(value)
