"""A study to try things on."""

from typing import Any

import msgspec

from tocsin.evaluate.uplift.study_file import read_study, template
from tocsin.kernel.studies import Study


def study(**changes: Any) -> Study:
    """The template's, with fields changed."""
    return msgspec.structs.replace(read_study(template().encode()), **changes)
