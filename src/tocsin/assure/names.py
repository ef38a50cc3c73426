"""Foreign names and values as they may be printed and kept."""

import unicodedata


def shown(name: str) -> str:
    """What is not to be seen (controls, halves of pairs, what hides or turns text) is written out as \\uXXXX."""
    if name.isprintable():
        return name
    return "".join(
        each if each.isprintable() or unicodedata.category(each) == "Zs" else f"\\u{ord(each):04x}"
        for each in name
    )
