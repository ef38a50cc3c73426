"""Whether a text says that a machine made it: a word for AI near one for made, in Chinese or English."""

import re

NEAR = 20
"""Characters between the two: "AI 辅助生成", "created with the help of AI"."""
_AI = r"(?:人工智能|人工智慧|\bAI\b|(?<![A-Za-z])AI(?![A-Za-z]))"
_MADE = r"(?:生成|合成|制作|generated|created|synthesi[sz]ed)"
_SAID = re.compile(rf"{_AI}.{{0,{NEAR}}}?{_MADE}|{_MADE}.{{0,{NEAR}}}?{_AI}", re.IGNORECASE)


def said(text: str) -> bool:
    """True if a notice stands in it. A text about such notices says so as well: this is no proof."""
    return _SAID.search(text) is not None
