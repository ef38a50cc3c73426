"""settings.toml: what an operator may choose. Every field has a default; an unknown one is an error."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.correlate.settings import WINDOW_DAYS
from tocsin.kernel import TLP, BadInput
from tocsin.kernel.limits import LOOK_BACK_DAYS, RETENTION_DAYS_EVENTS, RETENTION_DAYS_TEXT
from tocsin.share import SIGHTING_DELAY_SECONDS

FILE_NAME = "settings.toml"


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
    retention_events_days: Annotated[int, Meta(ge=1, description="Days that events without text live.")] = (
        RETENTION_DAYS_EVENTS
    )
    campaign_window_days: Annotated[
        int,
        Meta(ge=1, le=LOOK_BACK_DAYS, description="Days within which near-duplicates count as one campaign."),
    ] = WINDOW_DAYS
    look_back_days: Annotated[
        int,
        Meta(
            ge=0,
            le=LOOK_BACK_DAYS,
            description="Days of its own past that a peer's indicator is held against.",
        ),
    ] = LOOK_BACK_DAYS
    watch_seconds: Annotated[float, Meta(gt=0, description="Pause between two looks at new events.")] = 2.0
    pull_seconds: Annotated[
        float,
        Meta(ge=0, description="Pause between two pulls from each trusted peer; 0 pulls only when asked."),
    ] = 60.0
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
    two_person_from: Annotated[
        TLP,
        Meta(
            description="Marking (TLP 2.0) from which two people approve; red asks nobody: it never leaves."
        ),
    ] = TLP.AMBER
    public_url: Annotated[
        str, Meta(description="Where peers and people reach this node, for the certificate.")
    ] = ""


def load(data: Path) -> Settings:
    """The settings of a node's folder. Raises BadInput naming the field that is wrong."""
    path = data / FILE_NAME
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
    except FileNotFoundError:
        raise BadInput(f"{data} is not a node's folder: make one with `tocsin init --data {data}`") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}; mend the line, or remove it for the default") from error


def write(data: Path, settings: Settings) -> None:
    """Write every setting with its value, for people to edit."""
    lines = ["# Settings of this node. `tocsin doctor` checks them; docs/reference.md explains them.\n"]
    for name, value in msgspec.to_builtins(settings).items():
        text = f'"{value}"' if isinstance(value, str) else str(value)
        lines.append(f"{name} = {text}\n")
    (data / FILE_NAME).write_text("".join(lines), "utf-8")
