"""Markings as MISP says them: tags of the taxonomies `tlp` and `PAP`, and one of ours for any other marking.

Source: MISP taxonomies `tlp` (TLP 2.0, FIRST) and `PAP` (Permissible Actions Protocol).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.kernel import TLP
from tocsin.wire.stix.tlp import level_of, marking_id

PAP = ("CLEAR", "GREEN", "AMBER", "RED")
"""Ordered from most open to least; WHITE is the older name of CLEAR."""

OTHER = "tocsin:marking="
_PAP = re.compile(r"pap[:-](white|clear|green|amber|red)", re.IGNORECASE)
_COLOURS = {
    TLP.CLEAR: "#FFFFFF",
    TLP.GREEN: "#33FF00",
    TLP.AMBER: "#FFC000",
    TLP.AMBER_STRICT: "#FFC000",
    TLP.RED: "#FF2B2B",
}


def tlp_of(names: Iterable[str]) -> TLP | None:
    """The strictest level that tags set. A `tlp:` tag that nobody here can read counts as RED."""
    levels = [
        _level(name.casefold().removeprefix("tlp:")) for name in names if name.casefold().startswith("tlp:")
    ]
    return max(levels, key=lambda level: level.rank, default=None)


def _level(word: str) -> TLP:
    word = {"white": "clear"}.get(word.strip(), word.strip())
    return TLP(word) if word in set(TLP) else TLP.RED


def pap_of(names: Iterable[str]) -> str | None:
    """The strictest PAP level that tags or labels set."""
    found = [_pap(match[1]) for name in names if (match := _PAP.fullmatch(name.strip())) is not None]
    return max(found, key=PAP.index, default=None)


def _pap(word: str) -> str:
    return "CLEAR" if word.casefold() == "white" else word.upper()


def names_of(holder: Mapping[str, Any]) -> list[str]:
    """The names of a foreign element's tags."""
    tags = holder.get("Tag")
    found = [tag.get("name") for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    return [name for name in found if isinstance(name, str)]


def tags_for(value: Mapping[str, Any], definitions: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The tags that say an object's markings, on the whole and on its parts, and its PAP label.

    `definitions` are the marking definitions at hand, by id.
    """
    refs = [ref for ref in value.get("object_marking_refs", ()) if isinstance(ref, str)]
    parts = [part.get("marking_ref") for part in value.get("granular_markings", ()) if isinstance(part, dict)]
    refs += [ref for ref in parts if isinstance(ref, str)]
    found = [_tag(ref, definitions.get(ref, {})) for ref in refs]
    labels = [label for label in value.get("labels", ()) if isinstance(label, str)]
    if (pap := pap_of(labels)) is not None:
        found.append(f"PAP:{pap}")
    return list(dict.fromkeys(found))


def _tag(ref: str, definition: Mapping[str, Any]) -> str:
    level = level_of(ref)
    if level is not None:
        return f"tlp:{level.value}"
    # PAP has no published marking definition: every house writes its own, and names it so.
    stated = definition.get("definition")
    said = [definition.get("name"), *(stated.values() if isinstance(stated, dict) else ())]
    kind = str(definition.get("definition_type", ""))
    pap = pap_of([word for one in said if isinstance(one, str) for word in (one, f"{kind}:{one}")])
    return f"PAP:{pap}" if pap is not None else f'{OTHER}"{ref}"'


def as_tags(names: Iterable[str]) -> list[dict[str, Any]]:
    """Tags as an event carries them."""
    return [{"name": name} | _coloured(name) for name in names]


def _coloured(name: str) -> dict[str, str]:
    level = tlp_of([name])
    return {} if level is None else {"colour": _COLOURS[level]}


def strictest_ref(refs: Iterable[str], level: TLP | None) -> list[str]:
    """Marking references with one TLP among them: the strictest of theirs and `level`, as TLP 2.0; none if none."""
    listed = list(refs)
    levels = [found for ref in listed if (found := _as_tagged(ref)) is not None]
    if level is not None:
        levels.append(level)
    other = [ref for ref in listed if level_of(ref) is None]
    strict = max(levels, key=lambda one: one.rank, default=None)
    return other if strict is None else [*other, marking_id(strict)]


_AMBER_1 = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"


def _as_tagged(ref: str) -> TLP | None:
    # misp-stix writes the tag tlp:amber as the marking of TLP 1.0, but the taxonomy that it is of says 2.0.
    return TLP.AMBER if ref == _AMBER_1 else level_of(ref)
