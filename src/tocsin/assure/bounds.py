"""How far one inspection goes. Beyond any of these the verdict is inconclusive, never clean."""

import msgspec

MAX_DEPTH = 8
"""Archives in archives. Releases nest two or three deep; more is a way to tire a scanner."""

MAX_FILES = 200_000
"""Entries in a folder: a checkout with its caches has tens of thousands. Each takes some 500 bytes of memory."""

MAX_MEMBERS = 200_000
"""Members of all archives together: the largest sharded checkpoints have some ten thousand tensors."""

MAX_UNPACKED_BYTES = 64 << 30
"""All that is decompressed in one inspection: a packed model of 30 billion parameters at two bytes fits."""

MAX_SPOOLED_BYTES = 32 << 30
"""What lies on disk unpacked at one time; standard input counts."""

MAX_RATIO = 200
"""Unpacked to packed. Weights reach 1.2 and texts 10; deflate can reach 1,032, bzip2 and xz far more."""

RATIO_FREE_BYTES = 64 << 20
"""Below this the ratio is not asked: a small file of zeros is no bomb."""

WHOLE_FREE_BYTES = 256 << 20
"""One file may give so much, and MAX_RATIO times its size, in all its members together: members that share their bytes
(David Fifield, "A better zip bomb", 2019) pass no bound of their own."""

INSIDE_FACTOR = 16
"""What is looked at in place inside a file comes to its size for each level of archives; more is looked at again and
again because members overlap."""

MAX_FINDINGS = 10_000
"""Findings that are kept. One more is said, and counts as inconclusive: nobody reads the rest."""

MAX_FACTS = 100_000
MAX_TOLD_A_PIECE = 250_000
"""What one examiner may tell of one piece: each member of an archive is one."""

MAX_READS_A_PIECE = 4_000_000
WORK_FACTOR = 6
"""One examiner may read a piece so many times over (and WORK_FREE_BYTES besides) before it is stopped."""

WORK_FREE_BYTES = 64 << 20
MAX_READ_BYTES = 128 << 20
"""One reading of an examiner: the longest header that safetensors allows has 100 MB."""


class Bounds(msgspec.Struct, frozen=True):
    """The bounds of one inspection, where a caller wants others than the named ones."""

    depth: int = MAX_DEPTH
    files: int = MAX_FILES
    members: int = MAX_MEMBERS
    unpacked_bytes: int = MAX_UNPACKED_BYTES
    spooled_bytes: int = MAX_SPOOLED_BYTES
    ratio: int = MAX_RATIO
    findings: int = MAX_FINDINGS
