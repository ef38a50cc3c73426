"""The commitment to a plan and its samples: what may be shown to anyone before the run. Ours, and unaudited.

SHA-256 over the fields below, each after its length as 8 bytes, big-endian:

1. "tocsin:plan-commitment:1"
2. the salt, 32 bytes of chance
3. the plan's digest, 32 bytes
4. for each task, sorted by its name's UTF-8 bytes: the name, then the root of its sheet, 32 bytes

No two openings have the same bytes, so who opens it two ways has found a collision; and without the salt nobody can try
a guess. docs/plans.md has both arguments, tests/vectors/plans a vector.
"""

from collections.abc import Mapping
from hashlib import sha256

DOMAIN = b"tocsin:plan-commitment:1"
SALT_BYTES = 32
DIGEST_BYTES = 32


def commitment(salt: bytes, plan: str, sheets: Mapping[str, str]) -> str:
    """Hex. `plan` and the roots in `sheets` are hex. Raises ValueError for another length than is said above."""
    digests = {task.encode(): bytes.fromhex(root) for task, root in sheets.items()}
    fixed = bytes.fromhex(plan)
    if len(salt) != SALT_BYTES or {len(fixed), *map(len, digests.values())} != {DIGEST_BYTES}:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, and a digest {DIGEST_BYTES}")
    whole = sha256()
    fields = [DOMAIN, salt, fixed]
    for task, root in sorted(digests.items()):
        fields += [task, root]
    for field in fields:
        whole.update(len(field).to_bytes(8, "big") + field)
    return whole.hexdigest()
