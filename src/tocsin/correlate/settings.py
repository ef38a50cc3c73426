"""What an operator may choose about campaigns. The evidence's own constants are in `evidence`, for all to read."""

import msgspec

from tocsin.correlate.evidence import FLOOR, STRONG, THRESHOLD
from tocsin.kernel.limits import CAMPAIGN_WINDOW_DAYS, LOOK_BACK_DAYS

MIN_ACTORS = 5
"""Accounts below which nothing rings by itself: a household, a small office, a person with a second account."""


class CampaignSettings(msgspec.Struct, frozen=True):
    """Days, accounts, and levels of evidence (natural logarithms of odds)."""

    window_days: int = CAMPAIGN_WINDOW_DAYS
    look_back_days: int = LOOK_BACK_DAYS
    min_actors: int = MIN_ACTORS
    threshold: float = THRESHOLD
    floor: float = FLOOR
    strong: float = STRONG


DEFAULT_SETTINGS = CampaignSettings()
