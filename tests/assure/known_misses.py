"""Shapes of the corpus that the scanner calls clean. They are not weakened; a name leaves when it is found."""

CALLED_CLEAN = frozenset(
    {
        "diffusers-pipeline",
        "adapter-elsewhere",
        "template-format",
        "notebook-exec",
        "notebook-trust",
        "requirements-local",
        "setup-py",
        "card-only",
        "template-by-map-computed",
        "template-by-format-map",
        "config-kernel",
        "target-safetensors",
        "rebuild-beside-__torch__.evil",
        "rebuild-beside-lightgbm.basic",
        "rebuild-hash-bomb",
        "rebuild-endless-number",
    }
)
