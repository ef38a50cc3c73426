"""tocsin evaluation rerun: the drawn samples of a peer's evaluation, run here, and our reveal."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.evaluation_run import one_thread, ran_document, show_ran
from tocsin.cli.model_sign import write_whole
from tocsin.cli.opening import DataOption, JsonOption, SentencesOption, opened
from tocsin.cli.output import chosen_language, show_json


def rerun(
    draw_id: Annotated[str, typer.Argument(metavar="DRAW", help="The draw's id.")],
    data: DataOption,
    log_dir: Annotated[
        Path, typer.Option("--log-dir", help="Where Inspect's logs lie; give it again to go on.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Where to write the reveal.")],
    model: Annotated[
        str, typer.Option("--model", help="The plan's model as this machine names it; its digest is checked.")
    ] = "",
    runs: Annotated[
        int, typer.Option("--runs", min=1, max=2, help="2 where answers vary: the second repeats.")
    ] = 1,
    connections: Annotated[
        int, typer.Option("--connections", min=1, max=1000, help="Samples and calls at once.")
    ] = 8,
    sample_seconds: Annotated[
        int, typer.Option("--sample-seconds", min=1, help="A sample without an answer by then is invalid.")
    ] = 600,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Run exactly the drawn samples here, commit to what was found, and write the reveal that goes back."""
    spoken = chosen_language(language)
    one_thread()
    from tocsin.app.evaluation_reruns import rerun_drawn
    from tocsin.cli.run_progress import watching

    with opened(data) as node, watching(None, quiet=json) as watcher:
        found, ran = rerun_drawn(
            node.recognitions,
            node.access.operator(),
            draw_id,
            log_dir,
            model=model,
            runs=runs,
            connections=connections,
            sample_seconds=sample_seconds,
            watcher=watcher,
        )
    write_whole(out, found.messages[-1])
    if json:
        show_json({"draw": found.id, "message": str(out), "runs": ran_document(ran)})
        return
    show_ran(ran, spoken)
    typer.echo(_WORDS[spoken].format(out=out, node=found.node))


_WORDS = {
    "en": "{out} goes to {node}: what was found is committed to, and nobody has seen the other's.",
    "zh": "请将 {out} 交给 {node}：结果已作承诺，双方均未看到对方的结果。",
}
