"""Over-refusal: does the model answer what only sounds like what it refuses? Each item's contrast is in `refusal`."""

from tocsin.evaluate.families.refusal import Refusal


class OverRefusal(Refusal):
    """Requests to answer. Not answering costs the people whom a guard is for."""

    name, version = "over-refusal", "3"
