"""An empty plan with a comment on each field."""

from importlib import resources


def template() -> str:
    """YAML that `check` passes once what stands in capitals is filled in."""
    return resources.files("tocsin.evaluate.plans").joinpath("template.yaml").read_text("utf-8")
