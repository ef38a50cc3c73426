"""`tocsin evaluation`: what a model did, measured. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli.contents import Contents, Entry


class Commands(Contents):
    """One line for each command."""

    entries = (
        Entry("plan", "evaluation_plan:app", "Plans: fixed before the run, and then binding."),
        Entry(
            "run",
            "evaluation_run:run",
            "Run a plan's tasks on its models, going on where it was left; nothing is "
            "decided unless it was registered.",
        ),
        Entry(
            "sheet",
            "evaluation_run:sheet",
            "Write what a plan will ask, by digest, one JSON line a sample: for `evaluation "
            "plan register --sheet`.",
        ),
        Entry(
            "tasks",
            "evaluation_run:tasks",
            "The tasks of our own: what each asks, in which languages, with how many items.",
        ),
        Entry(
            "calibrate",
            "evaluation_calibrate:calibrate",
            "How far a judge agrees with people, by language; prints what goes into a plan's judges.",
        ),
        Entry(
            "import",
            "evaluation_import:import_report",
            "Count another tool's report anew: rates with intervals, verdicts against lines, "
            "beside what the tool says.",
        ),
        Entry(
            "list",
            "evaluation_kept:list_evaluations",
            "Evaluations that were kept, newest first: every attempt.",
        ),
        Entry(
            "show",
            "evaluation_kept:show",
            "One evaluation: each line's verdict, each task's rate with its interval, what "
            "was invalid, and its limits.",
        ),
        Entry(
            "compare",
            "evaluation_kept:compare",
            "Set two evaluations against each other, sample by sample (McNemar's exact test, "
            "Holm over the tasks).",
        ),
        Entry(
            "attest",
            "evaluation_kept:attest",
            "Write the signed statement (in-toto, DSSE): lines, verdicts and intervals; no "
            "prompt, no answer, no user.",
        ),
        Entry(
            "say",
            "saying:say",
            "Say an evaluation of this node to peers: rates and digests, a report for each condition; no "
            "prompt, no answer.",
        ),
        Entry(
            "prove",
            "evaluation_kept:prove",
            "Write a proof that one sample had its outcome, which shows no other sample.",
        ),
        Entry(
            "verify",
            "evaluation_kept:verify",
            "Check a signed evaluation without a node: signature, id, subjects.",
        ),
        Entry(
            "recognise",
            "evaluation_recognition:recognise",
            "What we make of it: an evaluation by policy, an opening by comparison, "
            "another's recognition computed again.",
        ),
        Entry(
            "challenge",
            "evaluation_recognition:challenge",
            "Begin to run a drawn subset of a peer's evaluation again: write the challenge that goes to it.",
        ),
        Entry(
            "answer",
            "evaluation_recognition:answer",
            "Answer a challenge with our nonce, a reveal with the drawn outcomes.",
        ),
        Entry(
            "draw",
            "evaluation_recognition:draw",
            "Which samples are drawn, now that the other side's nonce is here: run these, "
            "twice where answers vary.",
        ),
        Entry(
            "rerun",
            "evaluation_rerun:rerun",
            "Run exactly the drawn samples here, commit to what was found, and write the reveal that goes back.",
        ),
        Entry(
            "reveal",
            "evaluation_recognition:reveal",
            "Commit to what our runs found and reveal our nonce: after this they open, and "
            "neither can change anything.",
        ),
        Entry(
            "recognitions",
            "evaluation_recognition:recognitions",
            "What this node made of peers' evaluations, newest first, and every draw that was ever begun.",
        ),
        Entry(
            "tallies",
            "evaluation_joint:tallies",
            "Write our counts of an evaluation, signed, for a joint test: no item, no id of one, no answer.",
        ),
        Entry(
            "joint",
            "evaluation_joint:joint",
            "What several institutes found together: each one's rate, the pooled one, and "
            "how far they differ.",
        ),
        Entry(
            "tiny",
            "evaluation_tiny:write_tiny",
            "Train a tiny model that refuses, take its refusal out in two ways, and write "
            "all three: for rehearsals.",
        ),
    )


app = typer.Typer(
    cls=Commands, help="Evaluations: what a model did, and how sure that is.", no_args_is_help=True
)
