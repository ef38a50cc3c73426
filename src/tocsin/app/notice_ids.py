"""What a word to a channel is called. Apart from `channels`, so that who says something opens no line."""

import uuid

NOTICES = uuid.UUID("b1c1a4c6-0f5e-5d0b-9a55-6f3a7a2d9e41")
"""Of notice ids: UUIDv5 over channel, its moment, warning and occasion."""


def notice_id(channel: str, made: int, warning: str, occasion: str) -> str:
    """The same for the same word to the same channel, whenever it is sent; a channel made anew is another one."""
    return str(uuid.uuid5(NOTICES, f"{channel}\x00{made}\x00{warning}\x00{occasion}"))
