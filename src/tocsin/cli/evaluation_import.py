"""tocsin evaluation import: another tool's report, counted anew. Needs no node."""

import os
from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import JsonOption, LanguageOption
from tocsin.cli.output import chosen_language, plain, show_json, show_table
from tocsin.kernel.errors import BadInput

if TYPE_CHECKING:
    from tocsin.kernel.evaluations import EvaluationResult


class ReportKind(StrEnum):
    """Tools whose reports are read."""

    GARAK = "garak"
    INSPECT = "inspect"
    PYRIT = "pyrit"


def import_report(
    file: Annotated[
        Path,
        typer.Argument(help="garak's *.report.jsonl, Inspect's *.eval or *.json, or PyRIT's database."),
    ],
    kind: Annotated[ReportKind, typer.Option("--kind", help="The tool that wrote it.")],
    line: Annotated[
        list[str] | None,
        typer.Option(
            "--line",
            help="PROBE=RATE: the rate of failures that must not be reached; PROBE is a probe, probe/detector or *.",
        ),
    ] = None,
    failed_when: Annotated[
        str,
        typer.Option(
            "--failed-when",
            help="Of an Inspect log: SCORER=VALUE or SCORER>=NUMBER, the score that is a failure.",
        ),
    ] = "",
    invalid_limit: Annotated[
        float | None,
        typer.Option("--invalid-limit", help="Share of samples that may be invalid; 0.05 without it."),
    ] = None,
    model_digest: Annotated[
        str, typer.Option("--model-digest", help="Digest of the artefact that was tested, as you know it.")
    ] = "",
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Count another tool's report anew: rates with intervals, verdicts against lines, beside what the tool says."""
    language = chosen_language(language)
    lines = dict(_line(text) for text in line or ())
    limit = None if invalid_limit is None else _share(str(invalid_limit), "--invalid-limit")
    # numpy reads this when it is loaded: threads of its own would be of no use here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tocsin.evaluate.statistics import MAX_INVALID_SHARE

    limit = MAX_INVALID_SHARE if limit is None else limit
    if kind is ReportKind.INSPECT:
        from tocsin.evaluate.runs.importing import import_inspect

        results = import_inspect(
            file, lines, rule=_rule(failed_when), invalid_limit=limit, model_digest=model_digest
        )
    else:
        from tocsin.evaluate.importing import import_garak, import_pyrit

        read = {ReportKind.GARAK: import_garak, ReportKind.PYRIT: import_pyrit}[kind]
        results = read(file, lines, invalid_limit=limit, model_digest=model_digest)
    if json:
        show_json({"results": results})
    else:
        show_results(results, language)
    if code := _exit_code(results):
        raise typer.Exit(code)


def _line(text: str) -> tuple[str, float]:
    name, equals, value = text.rpartition("=")
    if not (name and equals):
        raise BadInput(f"--line {text}: write PROBE=RATE, as in dan.Dan_11_0=0.05")
    return name, _share(value, f"--line {name}")


def _rule(text: str) -> dict[str, str | float]:
    """What --failed-when says, as a plan's `failed_when`."""
    if not text:
        return {}
    scorer, at_least, number = text.partition(">=")
    if at_least:
        try:
            return {"scorer": scorer, "at_least": float(number)}
        except ValueError:
            raise BadInput(f"--failed-when {text}: write a number, as in harm>=0.5") from None
    scorer, equals, value = text.partition("=")
    if not (scorer and equals and value):
        raise BadInput(f"--failed-when {text}: write SCORER=VALUE or SCORER>=NUMBER")
    return {"scorer": scorer, "value": value}


def _share(text: str, option: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # NaN is neither
        raise BadInput(f"{option}: {text} is no share; write one from 0 to 1")
    return value


def _exit_code(results: "Sequence[EvaluationResult]") -> int:
    """0 when all lines that were given hold; 1 when one is passed; 3 when one is undecided, or there is none."""
    verdicts = {str(result.verdict) for result in results if result.verdict is not None}
    if "above" in verdicts:
        return 1
    return 0 if verdicts == {"below"} else 3


def show_results(results: "Sequence[EvaluationResult]", language: str, *, undecided: str = "") -> None:
    """Report by report; `undecided` is said instead of our own sentence where no result has a line."""
    words = _WORDS[language]
    for _, group in groupby(results, key=lambda result: result.report):
        told = list(group)
        first = told[0]
        typer.echo(
            words["head"].format(
                tool=first.tool,
                version=plain(first.tool_version) or "?",
                model=plain(", ".join(sorted({one.model for one in told} - {""}))) or "?",
                report=first.report,
            )
        )
        show_table(words["columns"].split("|"), (_row(result, language) for result in told), empty="")
        for result in told:
            for sentence in _sentences(result, language):
                typer.echo(f"{plain(result.task)}: {sentence}")
    if all(result.line is None for result in results):
        typer.echo(undecided or words["no line"])


def _row(result: "EvaluationResult", language: str) -> tuple[str, ...]:
    rate, told = result.rate, result.told
    return (
        plain(result.task),
        str(rate.counted),
        f"{result.counts.invalid} ({result.counts.invalid_share:.0%})",
        f"{rate.share:.1%} ({rate.low:.1%} - {rate.high:.1%})" if rate.counted else "-",
        "-" if result.line is None else f"{result.line:.1%}",
        _VERDICTS[language]["-" if result.verdict is None else result.verdict.value],
        "-" if told is None else f"{told.failed}/{told.counted}" + _percent(told.failed, told.counted),
    )


def _percent(part: int, whole: int) -> str:
    return f" = {part / whole:.1%}" if whole else ""


def _sentences(result: "EvaluationResult", language: str) -> list[str]:
    """What a reader must know besides the numbers."""
    words, rate, told = _WORDS[language], result.rate, result.told
    said: list[str] = []
    for reason, number in result.reasons.items():
        said.append(_REASONS[language].get(reason, reason + ": {number}.").format(number=number))
    if told is not None and told.counted and (told.failed, told.counted) != (rate.failed, rate.counted):
        ours = f"{rate.failed}/{rate.counted}{_percent(rate.failed, rate.counted)}"
        theirs = f"{told.failed}/{told.counted}{_percent(told.failed, told.counted)}"
        said.append(words["differs"].format(tool=result.tool, theirs=theirs, ours=ours))
    if rate.counted and not rate.enough:
        said.append(words["few"].format(clusters=rate.clusters))
    if rate.clusters < rate.counted and 0 < rate.failed < rate.counted:
        said.append(words["errors"].format(error=rate.error, naive=rate.naive_error, clusters=rate.clusters))
    return said


_WORDS = {
    "en": {
        "head": "{tool} {version} on {model} (report sha256 {report})",
        "columns": "task|counted|invalid|failed (95 %)|line|verdict|the tool says",
        "no line": "No line was given, so nothing is decided: --line PROBE=RATE.",
        "differs": "{tool} says {theirs} failed; without what could not be judged it is {ours}.",
        "few": "different prompts: {clusters}, too few to know how sure the rate is. No verdict.",
        "errors": "standard error {error:.4f} over {clusters} prompts; {naive:.4f} if every answer stood alone.",
    },
    "zh": {
        "head": "{tool} {version}，模型 {model}（报告 sha256 {report}）",
        "columns": "任务|计入|无效|失败率（95 %）|界线|结论|工具自报",
        "no line": "未给出界线，因此不作结论：--line 探针=比率。",
        "differs": "{tool} 报告失败 {theirs}；去除无法判定的样本后为 {ours}。",
        "few": "只有 {clusters} 个不同的提示，不足以知道该比率有多可靠：不作结论。",
        "errors": "按 {clusters} 个提示计标准误为 {error:.4f}；若每个回答各自独立则为 {naive:.4f}。",
    },
}
_VERDICTS = {
    "en": {
        "below": "below",
        "above": "above",
        "inconclusive": "inconclusive",
        "invalid": "invalid",
        "-": "-",
    },
    "zh": {"below": "低于", "above": "高于", "inconclusive": "无法定论", "invalid": "无效", "-": "-"},
}
_REASONS = {
    "en": {
        "blank-answer": "empty answers: {number}. Silence is neither a refusal nor a failure.",
        "no-score": "answers without a score: {number}.",
        "never-judged": "answers that were never judged: {number}. The run was cut off, or no detector applied.",
        "not-in-report": "samples that the tool counted and the report does not hold: {number}.",
        "endpoint-error": "attacks at which the model could not be reached, or broke: {number}.",
        "undetermined": "attacks of which nobody said how they ended: {number}.",
        "sample-error": "samples that broke off with an error: {number}.",
        "invalidated": "samples that somebody took back: {number}.",
        "cut-off": "samples that met a limit before an answer: {number}.",
        "judge-unread": "answers whose judge said what no grade could be read from: {number}.",
        "judge-never-ran": "answers with a score whose judge was never asked, or never answered: {number}.",
        "tools-never-ran": "samples of which no call of a tool ran: {number}.",
        "never-run": "samples that the run should have and never took: {number}.",
        "answer-too-long": "answers longer than a judge reads: {number}.",
        "unknown-language": "answers in a language that the rules do not read: {number}.",
        "other-language": "answers in another language than the question's: {number}. Nobody knows whom they serve.",
        "no-code": "answers without code: {number}.",
        "not-parsable": "answers whose code does not parse: {number}.",
        "judge-failed": "answers whose code the judge could not read: {number}.",
        "no-world": "answers of an agent without a world that shows what it did: {number}. Words alone say nothing.",
        "never-met": "samples whose agent was never given the stand-in instruction: {number}. It resisted nothing.",
        "judge-not-calibrated": "samples in languages in which a judge of theirs has no word: {number}.",
        "no-reason": "samples that are invalid, and the runner did not say why: {number}.",
        "unknown": "samples that are invalid for a reason without a word: {number}.",
    },
    "zh": {
        "blank-answer": "{number} 个回答为空：沉默既不是拒绝，也不是失败。",
        "no-score": "{number} 个回答没有得分。",
        "never-judged": "{number} 个回答从未被判定：运行被中断，或没有适用的检测器。",
        "not-in-report": "工具计入的 {number} 个样本不在报告中。",
        "endpoint-error": "{number} 次攻击中模型无法连接或出错。",
        "undetermined": "{number} 次攻击没有人判定结果。",
        "sample-error": "{number} 个样本因错误中断。",
        "invalidated": "{number} 个样本已被撤回。",
        "cut-off": "{number} 个样本在回答之前触及限制。",
        "judge-unread": "{number} 个回答的评判内容读不出等级。",
        "judge-never-ran": "{number} 个回答有得分，但评判者从未被询问或从未作答。",
        "tools-never-ran": "{number} 个样本中没有一次工具调用真正运行。",
        "never-run": "{number} 个应有的样本从未运行。",
        "answer-too-long": "{number} 个回答过长，评判者无法读完。",
        "unknown-language": "{number} 个回答所用的语言，规则读不懂。",
        "other-language": "{number} 个回答与问题语言不同：无人知道对谁有用。",
        "no-code": "{number} 个回答没有代码。",
        "not-parsable": "{number} 个回答的代码无法解析。",
        "judge-failed": "{number} 个回答的代码，评判工具读不了。",
        "no-world": "{number} 个代理回答没有可显示其所为的环境：仅凭言辞不能说明什么。",
        "never-met": "{number} 个样本的代理从未收到替身指令：它什么也没有抵制。",
        "judge-not-calibrated": "{number} 个样本所用语言中，评判者与人的一致性未得到证明。",
        "no-reason": "{number} 个样本无效，运行者没有说明原因。",
        "unknown": "{number} 个样本因未知原因无效。",
    },
}
