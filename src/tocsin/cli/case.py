"""tocsin case: what people reported and what was warned of, from its arrival to its end."""

from typing import Annotated

import typer

from tocsin.cli.callers import RoleOption
from tocsin.cli.contents import Contents, Entry
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, show_table, when
from tocsin.kernel.cases import CaseFlag, CaseState, Urgency

ReasonsOption = Annotated[str, typer.Option(help="Why.")]
VersionOption = Annotated[
    int | None, typer.Option(help="The version that was looked at; an act on an older one is refused.")
]


class Commands(Contents):
    """What is done with cases, by file."""

    entries = (
        Entry("list", "case:list_cases", "Show cases, the most urgent first, without anybody's words."),
        Entry("show", "case:show", "Show one case, what was done in it, and with --words what was said."),
        Entry("open", "case:open_case", "Open a case, from a warning or of one's own."),
        Entry("queues", "case:queues", "Show the queues that one may see, and how many cases wait in each."),
        Entry("claim", "case_work:claim", "Take a case, or keep it for longer; a claim ends by itself."),
        Entry("release", "case_work:release", "Give a case back."),
        Entry("note", "case_work:note", "Write something down in a case."),
        Entry("triage", "case_work:triage", "Say what conduct a case is about, and how urgent it is."),
        Entry("verify", "case_work:verify", "Say what was found out."),
        Entry("decide", "case_decide:decide", "Decide a case; a grave measure waits for another person."),
        Entry("approve", "case_decide:approve", "Approve a grave measure that another person proposed."),
        Entry("refuse", "case_decide:refuse", "Refuse a proposed measure, or take one's own back."),
        Entry(
            "appeal", "case_decide:appeal", "Judge an appeal, as somebody who decided nothing in the case."
        ),
        Entry("close", "case_work:close", "End a case; a decision can still be appealed in its time."),
        Entry("reopen", "case_work:reopen", "Take up a closed or transferred case again."),
        Entry("erase", "case_work:erase", "Erase the words of a case that is over, for good; its acts stay."),
        Entry("merge", "case_move:merge", "Make a case a part of another of the same queue."),
        Entry("unmerge", "case_move:unmerge", "Let a part stand alone again."),
        Entry("split", "case_move:split", "Make a new case out of a part of one."),
        Entry("transfer", "case_move:transfer", "Move a case to another queue, or to another organisation."),
        Entry(
            "import-mail",
            "case_hand_over:import_mail",
            "Take e-mail messages in as reports; each once, however often it is brought.",
        ),
        Entry(
            "export",
            "case_hand_over:export",
            "Write a case for TheHive or MISP: what you say of it here, and nothing that it holds besides.",
        ),
        Entry("evidence", "case_evidence:app", "Evidence of a case: add, list, show, hold, export, verify."),
        Entry("member", "case_members:app", "Members of restricted queues, and their keys."),
        Entry(
            "guidance",
            "case_members:guidance",
            "Say whom to tell of suspected child-abuse material, and where.",
        ),
        Entry("joint", "case_joint:app", "Joint cases: open, accept, share facts, vote, decide."),
    )


app = typer.Typer(
    cls=Commands,
    help="Cases: claimed, verified, decided with reasons, open to appeal.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    pass


def list_cases(
    data: DataOption,
    queue: Annotated[str | None, typer.Option(help="Only this queue.")] = None,
    state: Annotated[CaseState | None, typer.Option(help="This state; otherwise what is open.")] = None,
    urgency: Annotated[Urgency | None, typer.Option(help="Only this urgent.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only what one has claimed.")] = False,
    appeals: Annotated[bool, typer.Option("--appeals", help="What is appealed.")] = False,
    after: Annotated[str | None, typer.Option(help="The next page: `after` of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Cases on a page.")] = 50,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show cases, the most urgent first, without anybody's words."""
    with opened(data) as node:
        from tocsin.app.case_views import case_view

        page = node.cases.page(
            node.access.operator(user),
            queue=queue,
            state=state,
            urgency=urgency,
            mine=mine,
            appeals=appeals,
            after=after,
            limit=limit,
        )
        rows = [case_view(case) for case in page.cases]
    if json:
        show_json({"cases": rows, "after": page.after})
        return
    if not page.cases:
        say("No cases that you may see.")
    for case in page.cases:  # a line each: an id that is folded in a table cannot be copied
        late = f", told {case.escalated} times" if case.escalated else ""
        say(
            f"{case.id}  {case.urgency.value:8}  {case.queue}: {case.state.value}, due {when(case.due or None)}{late}"
            f"  {case.category}"
        )
    if page.after:
        say(f"More: --after {page.after}")


def show(
    data: DataOption,
    case: CaseArgument,
    words: Annotated[bool, typer.Option("--words", help="Also what was said; it lies sealed.")] = False,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show one case, what was done in it, and with --words what was said."""
    with opened(data) as node:
        from tocsin.app.case_views import act_view, case_view, words_view

        by = node.access.operator(user)
        view = case_view(node.cases.get(by, case))
        view["acts"] = [act_view(act) for act in node.cases.acts(by, case)]
        if words:
            with node.cases.reading(by, case):
                view["words"] = words_view(
                    node.cases.words(by, case), node.cases.notes(by, case), node.cases.appeal_words(by, case)
                )
    if json:
        show_json(view)
        return
    plain = ((key, value) for key, value in view.items() if key not in ("acts", "words") and value)
    show_table(("", ""), ((key, str(value)) for key, value in plain), empty="")
    show_table(
        ("nr", "at", "by", "act", "state", "reasons"),
        (tuple(act[key] for key in ("number", "at", "by", "act", "now", "reasons")) for act in view["acts"]),
        empty="",
    )
    if words:
        said = view["words"]
        for line in (said["title"], said["what"], said["where"], *said["notes"].values(), said["appeal"]):
            if line:
                say(line)


def open_case(
    data: DataOption,
    title: Annotated[str, typer.Option(help="In a few words.")],
    what: Annotated[str, typer.Option(help="What happened.")] = "",
    where: Annotated[str, typer.Option(help="A link, or a service's name.")] = "",
    warning: Annotated[str | None, typer.Option(help="The warning that it begins with.")] = None,
    queue: Annotated[str | None, typer.Option(help="A queue; otherwise its flags choose.")] = None,
    urgency: Annotated[Urgency | None, typer.Option(help="How urgent it is at least.")] = None,
    flag: Annotated[
        list[CaseFlag] | None, typer.Option(help="What routes it at once; again for more.")
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of the person who is owed an answer.")] = "en",
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Open a case, from a warning or of one's own."""
    from tocsin.kernel.cases import CaseOrigin, CaseWords

    with opened(data) as node:
        from tocsin.app.case_views import case_view
        from tocsin.app.cases import NewCase

        made = node.cases.open(
            node.access.operator(user),
            NewCase(
                origin=CaseOrigin.WARNING if warning else CaseOrigin.OWN,
                words=CaseWords(title=title, what=what, where=where),
                flags=tuple(flag or ()),
                lang=lang,
                urgency=urgency,
                queue=queue,
                warning=warning,
            ),
        )
        view = case_view(made)
    if json:
        show_json(view)
    else:
        say(f"{made.id} waits in {made.queue}, {made.urgency.value}; claim it by {when(made.due)}.")


def queues(data: DataOption, user: RoleOption = "admin", json: JsonOption = False) -> None:
    """Show the queues that one may see, and how many cases wait in each."""
    with opened(data) as node:
        from tocsin.app.case_views import queue_view

        by = node.access.operator(user)
        counts = node.cases.counts(by)
        seen = node.queues.visible_to(by)
        rows = [queue_view(queue, counts) for queue in node.queues.all() if queue.id in seen]
    if json:
        show_json({"queues": rows})
        return
    show_table(
        ("queue", "name", "restricted", "open", "appealed", "over"),
        (
            (
                row["id"],
                row["name"].get("en", ""),
                row["restricted"] or "",
                row["open"],
                row["appealed"],
                row["over"],
            )
            for row in rows
        ),
        empty="No queues that you may see.",
    )
