"""Whether a text says of itself that a machine made it: a word for AI beside one for made, in Chinese or English.

Close beside: an article about AI that somebody wrote names both words on every page, and must get its own notice.
"""

import re

EDGE_CHARS = 600
"""How far from the start or the end of a text a notice is looked for."""
_AI = r"(?:人工智能|人工智慧|(?<![A-Za-z])AI(?![A-Za-z])|artificial intelligence)"
_CHINESE = rf"{_AI}\s*(?:技术|技術|模型)?\s*(?:辅助|輔助|自动|自動)?\s*(?:生成|合成|制作|製作|作成|创作|創作|辅助|輔助)"
_MADE = r"(?:generated|made|created|written|synthesi[sz]ed)"
_ENGLISH = rf"{_AI}[- ](?:assisted[- ])?{_MADE}\b"
_BY = rf"\b{_MADE}\s+(?:by|with|using|with the (?:help|aid|use) of)\s+(?:an?\s+)?(?:generative\s+)?{_AI}"
_SAID = re.compile(rf"{_CHINESE}|{_ENGLISH}|{_BY}", re.IGNORECASE)


def said(text: str) -> bool:
    """True if a notice stands in it. A text about such notices says so as well: this is no proof."""
    return _SAID.search(text) is not None


def said_at_an_edge(text: str) -> bool:
    """True if a notice stands at the start or at the end, where a person reads it."""
    return said(text[:EDGE_CHARS]) or said(text[-EDGE_CHARS:])
