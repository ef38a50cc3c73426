"""The inventory of an inspection, written in the form that was asked for."""

from collections.abc import Sequence

from tocsin.assure.inventory import inventory_of
from tocsin.kernel.artefacts import Inspection
from tocsin.kernel.errors import BadInput
from tocsin.kernel.inventory import Ancestor, InventoryForm

MEDIA_TYPES = {
    InventoryForm.CYCLONEDX_1_6: "application/vnd.cyclonedx+json; version=1.6",
    InventoryForm.CYCLONEDX_1_7: "application/vnd.cyclonedx+json; version=1.7",
    InventoryForm.SPDX_3: "application/ld+json",
}
_ENDINGS = {
    InventoryForm.CYCLONEDX_1_6: "cdx.json",
    InventoryForm.CYCLONEDX_1_7: "cdx.json",
    InventoryForm.SPDX_3: "spdx3.json",
}
NAME_DIGITS = 16
"""Of the digest in a file's name; the name that an artefact was given may hold what a file's name may not."""


def form_of(asked: str) -> InventoryForm:
    """The form by its name; CycloneDX 1.7 where none is asked for. Raises BadInput."""
    if asked and asked not in set(InventoryForm):
        raise BadInput(f"format is one of: {', '.join(InventoryForm)}")
    return InventoryForm(asked or InventoryForm.CYCLONEDX_1_7)


def written(inspection: Inspection, form: InventoryForm, measured: Sequence[Ancestor] = ()) -> bytes:
    """One document, with the ancestors that were measured; the same bytes for the same inspection and ancestors."""
    listed = inventory_of(inspection, measured)
    if form is InventoryForm.SPDX_3:
        from tocsin.wire.spdx import ai_bom

        return ai_bom(listed)
    from tocsin.wire.cyclonedx import ml_bom

    return ml_bom(listed, "1.6" if form is InventoryForm.CYCLONEDX_1_6 else "1.7")


def headers(inspection: Inspection, form: InventoryForm) -> dict[str, str]:
    """By which a browser keeps it as a file and shows nothing of it."""
    name = f"{inspection.artefact[:NAME_DIGITS]}.{_ENDINGS[form]}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}
