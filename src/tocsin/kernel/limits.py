"""Every bound on what comes in, with its reason. A decoder names the one it enforces."""

MAX_LINE_BYTES = 1 << 20
"""One event line. The longest context windows sold are about 1 M tokens; 1 MiB holds what a screen can use."""

MAX_BATCH_BYTES = 64 << 20
"""One request body, after decompression: bounds memory whatever the compressed size."""

MAX_BATCH_LINES = 100_000
"""Events in one request: more are split by the sender, so that one answer stays readable."""

MAX_JSON_DEPTH = 64
"""Nesting of foreign JSON. OTLP attributes nest; nobody nests deeper than this by hand."""

MAX_TEXT_CHARS = 262_144
MAX_ID_CHARS = 256
MAX_LABEL_CHARS = 128
MAX_OBSERVABLES = 64
MAX_ATTRIBUTES = 128
MAX_ATTRIBUTES_BYTES = 65_536

MAX_CLOCK_SKEW_SECONDS = 300
"""An event may be this far in the future: clocks of honest senders differ by minutes, not hours."""

EARLIEST_YEAR = 2015
"""Before this there was no such system to misuse; an earlier time is a unit mistake (seconds for micros)."""

MAX_STIX_OBJECT_BYTES = 256 << 10
MAX_TAXII_BODY_BYTES = 16 << 20
MAX_TAXII_OBJECTS = 10_000
"""Objects in one envelope that a client posts; told to clients as max_content_length besides."""

TAXII_PAGE_DEFAULT = 1_000
TAXII_PAGE_MAX = 5_000

MAX_PEER_RESPONSE_BYTES = 32 << 20
"""One answer of a peer, before and after decompression."""

PEER_TIMEOUT_SECONDS = 20.0
"""Whole answer, not only silence: a slow drip ends here too."""

MAX_PULL_PAGES = 1_000
"""Pages in one pull; a peer that never says `more: false` ends here."""

LOOK_BACK_DAYS = 30
"""How far a pulled indicator is matched against a node's own past."""

RETENTION_DAYS_TEXT = 90
"""Sealed text and fingerprints, unless settings say less."""

RETENTION_DAYS_EVENTS = 400
"""Events without text: a year and a season, for baselines."""

RETENTION_DAYS_EXHIBITS = 400
"""Evidence of a case, unless settings say otherwise: longer than any time for an appeal that we know of."""

RETENTION_DAYS_CASES = 400
"""Words of a case that is over, unless settings say otherwise: as long as its evidence, which shares its key."""

CAMPAIGN_WINDOW_DAYS = 14
"""Days within which near-duplicates count as one campaign, unless settings say otherwise."""

LEAST_DISMISSERS = 2
"""Peers needed above the margin, whatever the settings say: one liar is never enough there."""

SIGHTING_DELAY_SECONDS = 3_600
"""Between a reviewer's word and the sighting's leaving, unless settings say otherwise."""
