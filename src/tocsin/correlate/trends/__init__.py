"""Early warning: counts of conduct against a baseline of their own past, as public health watches diseases.

Enters: events as Arrow batches, counts, and the present. Leaves: counts, series with what was expected of them, and
warnings. Refuses: anything but the closed list of conduct, and to tell a person from a count. See docs/trends.md.
"""

from tocsin.correlate.trends.counting import ALL, DAY, HOUR, LATE, NOWHERE, UNKNOWN, count
from tocsin.correlate.trends.judging import JUDGED_DAYS, Alarm, Judged, judge
from tocsin.correlate.trends.nowcast import Nowcast, learn_delays, nowcast
from tocsin.correlate.trends.ringing import SHOWN_DAYS, Rise, Witnesses, rises, warning_of, witnesses_of
from tocsin.correlate.trends.series import Series, busiest, series_of

__all__ = [
    "ALL",
    "DAY",
    "HOUR",
    "JUDGED_DAYS",
    "LATE",
    "NOWHERE",
    "SHOWN_DAYS",
    "UNKNOWN",
    "Alarm",
    "Judged",
    "Nowcast",
    "Rise",
    "Series",
    "Witnesses",
    "busiest",
    "count",
    "judge",
    "learn_delays",
    "nowcast",
    "rises",
    "series_of",
    "warning_of",
    "witnesses_of",
]
