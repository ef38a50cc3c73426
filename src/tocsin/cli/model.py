"""`tocsin model`: what a model's files are. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli.contents import Contents, Entry


class Commands(Contents):
    """One line for each command."""

    entries = (
        Entry("inspect", "model_inspect:inspect", "Say what a model's files are and what is wrong in them."),
        Entry(
            "inventory",
            "model_inventory:inventory",
            "Write a model's bill of materials: files with digests, licences, ancestors, data, "
            "templates, requirements.",
        ),
        Entry(
            "compare",
            "model_compare:compare",
            "Compare two models by their weights: descent, kind of change, ablation signature.",
        ),
        Entry(
            "templates",
            "model_templates:templates",
            "Say what CHILD's chat templates do that PARENT's do not, and what they leave out.",
        ),
        Entry(
            "sign", "model_sign:sign", "Sign a release: OpenSSF model signing, every file listed by digest."
        ),
        Entry(
            "verify",
            "model_verify:verify",
            "Accept an artefact only if the policy's signers signed exactly these files.",
        ),
        Entry(
            "attest",
            "model_attest:attest",
            "Inspect, and write the verdict as a signed in-toto statement over every file.",
        ),
        Entry("record", "model_watch:record", "Inspect an artefact and keep the inspection in the node."),
        Entry(
            "follow",
            "model_watch:follow",
            "Follow a model: who deployed it hears of new versions, reopened verdicts, reports and review days.",
        ),
        Entry("unfollow", "model_watch:unfollow", "Follow a model no more."),
        Entry(
            "list", "model_watch:list_models", "Show followed models, and the latest look at every artefact."
        ),
        Entry("history", "model_watch:history", "Show all looks at a model, and all that was said of it."),
        Entry(
            "check",
            "model_watch:check",
            "Look after all that is kept: rules, peers' words, followed paths, review days.",
        ),
        Entry("notices", "model_watch:notices", "Show word about models, newest first."),
        Entry("answer", "model_watch:answer", "Mark word as read, and say what was done about it."),
        Entry(
            "demo",
            "model_demo:demo",
            "Train two tiny models, evaluate both by a registered plan, and let the gate decide.",
        ),
        Entry("decide", "model_decide:decide", "Say how far a model may go out."),
        Entry("approve", "model_releases:approve", "Stand for a release decision with your name."),
        Entry(
            "decisions",
            "model_releases:decisions",
            "Show release decisions, newest first, or one with its grounds; --out writes its signed statement.",
        ),
        Entry(
            "say-decision",
            "saying:say_decision",
            "Say a decision in force to peers: how far, why no less, where it stood to red lines; who "
            "approved stays here.",
        ),
        Entry("take-back", "model_releases:take_back", "Withdraw a release decision: it counts no more."),
        Entry(
            "exempt",
            "model_releases:exempt",
            "Set a rule aside for one artefact: two people, a reason, an end.",
        ),
        Entry(
            "verify-decision",
            "model_releases:verify_decision",
            "Check a release decision of another node, offline: key, bytes, approvals, days.",
        ),
        Entry(
            "vulnerabilities",
            "model_intelligence:vulnerabilities",
            "Show what is known of the components and files of models.",
        ),
        Entry(
            "intelligence",
            "model_intelligence:intelligence",
            "What became known of components, models and files: OSV, AVID, hashes.",
        ),
        Entry(
            "stack", "model_intelligence:stack", "The software that serves models, as a bill of materials."
        ),
    )


app = typer.Typer(
    cls=Commands,
    help="Models: what an artefact is, where it comes from, what is wrong in it.",
    no_args_is_help=True,
)
