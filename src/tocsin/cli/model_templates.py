"""tocsin model templates: what one artefact's chat templates do that another's do not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tocsin.cli.model_inspect import EXIT_CODES, show_findings
from tocsin.cli.opening import JsonOption, LanguageOption
from tocsin.cli.output import chosen_language, show_json
from tocsin.kernel.artefacts import ArtefactVerdict, worst

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.assure.texts.compared_templates import ChatTemplate

NONE_IN_EITHER = 3
_WORDS = {
    "same": (
        "They do the same under the same conditions ({parent} and {child} templates).",
        "两者在相同条件下行为相同（模板数：{parent} 与 {child}）。",
    ),
    "none": (
        "There is no chat template in either: name the folders or files that hold them.",
        "两者均无对话模板：请指定包含模板的文件夹或文件。",
    ),
}


def templates(
    parent: Annotated[Path, typer.Argument(help="What it is held against: a folder or a file, GGUF too.")],
    child: Annotated[Path, typer.Argument(help="What was made from it, or its later version.")],
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Say what CHILD's chat templates do that PARENT's do not, and what they leave out. Nothing is rendered.

    Exit 0 when they do the same or differ harmlessly, 1 when a difference is a finding, 3 when anything could not be
    read or neither has a template.
    """
    from tocsin.assure.templates_at import chat_templates_at
    from tocsin.assure.texts.compared_templates import compared

    language = chosen_language(language)
    before, unread = chat_templates_at(parent)
    after, unread_too = chat_templates_at(child)
    told = (*compared(before, after), *unread, *unread_too)
    verdict = worst(ArtefactVerdict.CLEAN, *(one.verdict for one in told))
    if json:
        from tocsin.taxonomy.artefact_words import words as said

        rows = [{**msgspec.to_builtins(one), **said(one, language)._asdict()} for one in told]
        show_json(
            {"parent": _rows(before), "child": _rows(after), "verdict": verdict.value, "findings": rows}
        )
    elif told:
        from rich.console import Console

        show_findings(Console(), list(told), language)
    else:
        words = _WORDS["same" if before or after else "none"][language == "zh"]
        typer.echo(words.format(parent=len(before), child=len(after)))
    if not before and not after and verdict is ArtefactVerdict.CLEAN:
        raise typer.Exit(NONE_IN_EITHER)
    raise typer.Exit(EXIT_CODES[verdict])


def _rows(templates: "tuple[ChatTemplate, ...]") -> list[dict[str, Any]]:
    return [
        {"path": one.path, "name": one.name, "sha256": one.sha256, "characters": one.characters}
        for one in templates
    ]
