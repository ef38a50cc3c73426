"""`tocsin model`: what a model's files are. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli import (
    model_attest,
    model_compare,
    model_decide,
    model_inspect,
    model_intelligence,
    model_inventory,
    model_releases,
    model_sign,
    model_templates,
    model_verify,
    model_watch,
)

app = typer.Typer(
    help="Models: what an artefact is, where it comes from, what is wrong in it.", no_args_is_help=True
)
app.command("inspect")(model_inspect.inspect)
app.command("inventory")(model_inventory.inventory)
app.command("compare")(model_compare.compare)
app.command("templates")(model_templates.templates)
app.command("sign")(model_sign.sign)
app.command("verify")(model_verify.verify)
app.command("attest")(model_attest.attest)
app.command("record")(model_watch.record)
app.command("follow")(model_watch.follow)
app.command("unfollow")(model_watch.unfollow)
app.command("list")(model_watch.list_models)
app.command("history")(model_watch.history)
app.command("check")(model_watch.check)
app.command("notices")(model_watch.notices)
app.command("answer")(model_watch.answer)
app.command("decide")(model_decide.decide)
app.command("approve")(model_releases.approve)
app.command("decisions")(model_releases.decisions)
app.command("take-back")(model_releases.take_back)
app.command("exempt")(model_releases.exempt)
app.command("verify-decision")(model_releases.verify_decision)
app.command("vulnerabilities")(model_intelligence.vulnerabilities)
app.add_typer(model_intelligence.intelligence, name="intelligence")
app.add_typer(model_intelligence.stack, name="stack")
