"""The one file that knows misp-stix and PyMISP: each way, with whatever they raise mapped to BadInput."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tocsin.kernel import BadInput, Unavailable

MAX_NOTES = 1_000
"""What the converter has to say of a file that it half understands is cut off here."""

MAX_NOTE_CHARS = 300

_OLD_SIX = "mixbox.vendor.six"
"""Below misp-stix. It leaves a finder in `sys.meta_path` that cannot say `find_spec`."""


class FromMisp(msgspec.Struct, frozen=True):
    """STIX objects as plain JSON values, and what the converter said of what it left."""

    objects: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]


def to_misp(objects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What misp-stix makes of STIX objects: an event with galaxies, attributes and objects. Ids are not kept.

    Raises Unavailable without misp-stix, BadInput when it fails.
    """
    stix2, library = _libraries()
    usable = []
    for value in objects:
        try:
            usable.append(stix2.parse(dict(value), allow_custom=True))
        except Exception:  # noqa: BLE001, S112 - the rendering is for readers; what is carried is whole
            continue
    try:
        parser = library.ExternalSTIX2toMISPParser()
        parser.load_stix_bundle(stix2.Bundle(objects=usable, allow_custom=True))
        parser.parse_stix_bundle(single_event=True)
        event: dict[str, Any] = msgspec.json.decode(parser.misp_event.to_json())
    except Exception as error:
        raise BadInput(f"misp-stix cannot convert these records ({type(error).__name__})") from error
    return event


def from_misp(event: Mapping[str, Any]) -> FromMisp:
    """What misp-stix makes of one bounded MISP event. Raises Unavailable without it, BadInput when it fails."""
    _, library = _libraries()
    try:
        parser = library.MISPtoSTIX21Parser()
        parser.parse_misp_event({"Event": event})
        objects = [msgspec.json.decode(item.serialize()) for item in parser.stix_objects]
        said = [*_sentences(parser.errors), *_sentences(parser.warnings)]
    except Exception as error:
        raise BadInput(f"misp-stix cannot convert this event ({type(error).__name__})") from error
    return FromMisp(tuple(objects), tuple(said[:MAX_NOTES]))


def _sentences(said: Any) -> list[str]:
    found = [str(one) for part in said.values() for one in part] if isinstance(said, Mapping) else []
    return ["".join(char if char.isprintable() else " " for char in one)[:MAX_NOTE_CHARS] for one in found]


def _libraries() -> tuple[Any, Any]:
    """stix2 and misp-stix: half a second and a thousand modules, so only when needed."""
    try:
        import misp_stix_converter
        import stix2
    except ImportError:
        raise Unavailable("MISP needs more packages: install tocsin[misp]") from None
    for finder in [one for one in sys.meta_path if type(one).__module__ == _OLD_SIX]:
        sys.meta_path.remove(
            finder
        )  # whoever walks the finders after this would fall over it, pytest for one
    return stix2, misp_stix_converter
