"""How far a run goes before it says that it cannot judge. Over a bound is inconclusive, never clean."""

CHUNK_BYTES = 256 * 1024
"""Read at a time. The other bounds are looked at once a chunk, so that no opcode pays for them."""

MAX_WALKED_BYTES = 512 * 1024 * 1024
"""Opcodes and short arguments walked in one piece: some minutes. Payloads that are skipped do not count."""

MAX_STACK = 1_000_000
"""Values on the stack at once; picklers write lists and dictionaries in batches of a thousand."""

MAX_MARKS = 10_000
"""Marks open at once; a pickler nests no deeper than Python's recursion does."""

MAX_MEMO = 8_000_000
"""Memo entries; a pointer each."""

MAX_MEMO_SPARSE = 100_000
"""Memo entries out of turn, which cost more and which no pickler writes."""

MEMO_BUDGET_BYTES = 40 * 1024 * 1024
"""What the memo's values may weigh; what comes later is kept by its kind alone, so that no name can come of it."""

MAX_KEPT_ITEMS = 200_000
"""Entries of dictionaries kept, for tensors' names above all; more than the tensors of the largest models."""

MAX_TEXT = 256
"""A string or bytes kept as a constant: longer than any module's or class's name in use."""

MAX_LINE = 64 * 1024
"""A line of protocol 0 that is read; a long text or number in it is not a name."""

MAX_TUPLE = 64
"""Elements of a tuple that are kept: no rebuilder takes more, numpy knows 64 dimensions."""

MAX_TUPLE_DEPTH = 4
"""Tuples in tuples that are kept: torch's deepest arguments have three."""

MAX_GLOBALS = 10_000
"""Distinct names in one piece; the largest real pickles name some hundreds."""

MAX_FINDINGS = 200
"""Told of one piece; the verdict needs one."""

MAX_STREAMS = 100_000
"""Pickles one after another in one piece."""

MAX_HANDED_ON = 1_024
"""Values looked at of one call's arguments or one state, tuples in them included."""

MAX_INSIDE = 10_000
"""Pieces within a pickle that another loader is given; each tensor of an estimator around torch is one."""

MAX_PROTOCOL = 5

MAX_INNER_TEXT = 16 * 1024 * 1024
"""Bytes written as latin-1 text that are decoded to look into them."""
