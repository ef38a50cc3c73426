"""tocsin model approve, decisions, take-back, exempt, verify-decision: what becomes of a release decision."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.callers import caller, opened_by
from tocsin.cli.opening import DataOption, JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, say, show_json, show_table, when
from tocsin.kernel import BadInput
from tocsin.kernel.release import ReleaseState

if TYPE_CHECKING:
    from tocsin.kernel.release import Exemption

DecisionArgument = Annotated[str, typer.Argument(help="The decision's id, or how it begins.")]
TokenOption = Annotated[
    str,
    typer.Option(help="Your own token, so that it counts as yours; - reads it. The operator's otherwise."),
]


def approve(
    data: DataOption, decision: DecisionArgument, token: TokenOption = "", json: JsonOption = False
) -> None:
    """Stand for a release decision with your name. With the second person it is in force, and signed."""
    with opened_by(data, token) as (node, by):
        done = node.releases.approve(by, decision)
    if json:
        show_json({"id": done.id, "state": done.state, "approvals": len(done.approvals), "tier": done.tier})
    else:
        say(f"{done.name}: {done.tier.value}, {len(done.approvals)} approved, {done.state.value}.")


def take_back(
    data: DataOption,
    decision: DecisionArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
    token: TokenOption = "",
) -> None:
    """Withdraw a release decision: it counts no more."""
    with opened_by(data, token) as (node, by):
        done = node.releases.withdraw(by, decision, reason)
    say(f"{done.name}: the decision {done.id[:12]} is withdrawn.")


def decisions(
    data: DataOption,
    decision: Annotated[str, typer.Argument(help="A decision's id, or how it begins; all otherwise.")] = "",
    artefact: Annotated[str | None, typer.Option("--artefact", help="Only of this digest or name.")] = None,
    state: Annotated[ReleaseState | None, typer.Option("--state", help="Only in this state.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the signed statement of the one named.")
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Write the one named on paper (needs the extra `report`).")
    ] = None,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Show release decisions, newest first, or one with its grounds; --out writes its signed statement."""
    from tocsin.app.red_line_views import cited_view
    from tocsin.cli.model_decide import document, tell
    from tocsin.cli.model_sign import write_whole

    language = chosen_language(language)
    with opened(data) as node:
        by = node.access.operator()
        found = (
            (node.releases.get(by, decision),)
            if decision
            else node.releases.listed(by, artefact=artefact, state=state)
        )
        if pdf is not None:
            if not decision:
                raise BadInput("--pdf writes one decision: name it")
            write_whole(pdf, node.decision_papers.paper(by, found[0].id, language))
        cases = [cited_view(*one) for one in node.precedents.cited_by(by, found[0])] if decision else []
    if out is not None:
        if not decision or not found[0].statement:
            raise BadInput(
                "--out writes the statement of one decision in force: name one that two people approved"
            )
        write_whole(out, found[0].statement)
    if json:
        key = {"public_key": _public_key(data)} if out is not None else {}
        named = {"precedents": cases} if decision else {}
        show_json({"decisions": [document(one, language) for one in found], **named, **key})
        return
    if decision:
        tell(found[0], language)
        for case in cases:
            said = f"{case['relation']}, because {case['because']}" if case["relation"] else "named alone"
            say(f"\nKey case {case['precedent'][:12]} ({case['tier']}), {case['stands_for']}\n  {said}")
        say(f"\n{found[0].state.value} {found[0].why_ended}".rstrip())
        if out is not None:
            typer.echo(f"{out} is written. Whoever verifies needs this key, over another channel:")
            typer.echo(_public_key(data))
        return
    show_table(
        ("decision", "state", "tier", "model", "until", "approved", "ended because"),
        (
            (
                one.id[:12],
                one.state.value,
                one.tier.value,
                one.name,
                one.expires,
                len(one.approvals),
                one.why_ended,
            )
            for one in found
        ),
        empty="No release was decided: `tocsin model decide ARTEFACT --data DIR`.",
    )


def _public_key(data: Path) -> str:
    from tocsin.app.release_key import release_key
    from tocsin.trust.signing_keys import public_pem

    return public_pem(release_key(data).public_key()).decode().strip()


def exempt(
    data: DataOption,
    artefact: Annotated[str, typer.Argument(help="Whose rule: digest or name. None lists exemptions.")] = "",
    rule: Annotated[str, typer.Option("--rule", help="The rule to set aside.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; every decision that uses it shows it.")] = "",
    days: Annotated[int, typer.Option("--days", help="How long it counts.")] = 30,
    sign: Annotated[str, typer.Option("--sign", help="Sign this exemption as the second person.")] = "",
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Set a rule aside for one artefact: two people, a reason, an end. Never a veto, a red line or an overlay."""
    with opened(data) as node:
        if sign:
            rows: tuple[Exemption, ...] = (node.releases.exempting.sign(caller(node, token), sign),)
        elif artefact:
            by = caller(node, token)
            rows = (node.releases.exempting.begin(by, artefact, rule, reason, days=days),)
        else:
            rows = node.releases.exempting.listed(node.access.operator())
    if json:
        show_json({"exemptions": [_exemption(one) for one in rows]})
        return
    show_table(
        ("exemption", "rule", "artefact", "until", "signed", "reason"),
        ((one.id, one.rule, one.artefact[:12], when(one.until), len(one.by), one.reason) for one in rows),
        empty="No rule is set aside.",
    )


def verify_decision(
    file: Annotated[Path, typer.Argument(help="The signed statement, as `decisions ID --out` writes it.")],
    key: Annotated[
        list[Path], typer.Option("--key", help="A public key in PEM that you believe; may be repeated.")
    ],
    artefact: Annotated[
        Path | None, typer.Option("--artefact", help="The files; it must speak of exactly these.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Ask this node's policies again, where they are the same.")
    ] = None,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Check a release decision of another node, offline: key, bytes, approvals, days. Exit 1 refused."""
    from tocsin.app.extensions import release_policies_of
    from tocsin.assure.provenance.signed_files import inside, read_bounded, tree_digest
    from tocsin.assure.provenance.signing import hashed_release
    from tocsin.gate.attesting import Accepted, verify, why
    from tocsin.kernel import system_clock
    from tocsin.trust.signing_keys import MAX_PEM_BYTES, read_public
    from tocsin.wire.dsse import MAX_ENVELOPE_BYTES, parse_envelope

    language = chosen_language(language)
    envelope = parse_envelope(read_bounded(file, MAX_ENVELOPE_BYTES))
    keys = [read_public(read_bounded(one, MAX_PEM_BYTES)) for one in key]
    files = None if artefact is None else hashed_release(artefact, without=inside(artefact, [file]))
    told = verify(
        envelope,
        keys,
        at=system_clock(),
        files=files,
        whole=tree_digest(files) if files else "",
        policies=release_policies_of(data),
    )
    if json:
        show_json(told)
    elif isinstance(told, Accepted):
        said = told.decision
        say(f"{said.name}: {said.tier.value}, decided {said.decided.date()}, counts until {said.expires}.")
        say(f"  sha256 {said.artefact}{'' if told.files else '  (no files were compared: --artefact)'}")
        say(f"  {told.key}")
        say(f"  {said.why_not_less}")
    else:
        for reason in told.reasons:
            say(why(reason, language))
    if not isinstance(told, Accepted):
        raise typer.Exit(1)


def _exemption(one: "Exemption") -> dict[str, Any]:
    return {
        "id": one.id,
        "artefact": one.artefact,
        "rule": one.rule,
        "reason": one.reason,
        "from": when(one.at),
        "until": when(one.until),
        "signed": len(set(one.by)),
    }
