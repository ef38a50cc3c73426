"""What `tocsin study` says to people, in English and Chinese."""

from tocsin.cli.output import chosen_language


def words(language: str) -> dict[str, str]:
    """Sentences by name, in the language that is asked for or the environment's. Raises BadInput."""
    return _WORDS[chosen_language(language)]


_WORDS = {
    "en": {
        "study": "{name} {version}: {arms} arms, {planned} participants, sha256 {digest}",
        "power": "question|answered as often as",
        "sees": "sees an odds ratio of {ratio:g} (interval above 1)",
        "clears": "clears a model without uplift (interval below {line:g})",
        "needed": "{arm} an arm, {lost:.0%} of them lost; wanted is {wanted:.0%}. It takes {needed} an arm"
        " (Whitehead's formula for the first: {formula}; with the last milestone alone as outcome: {binary}).",
        "underpowered": "Underpowered: most such studies end inconclusive. Take more participants, milestones that"
        " spread them better, or a larger effect; or write `underpowered_because`.",
        "registered": "registered: commitment {commitment}\nGive it to somebody outside now. Without secret.json"
        " nobody can open it, and nobody can be assigned.",
        "allocated": "arm: {arm}\nparticipant: {participant}\nwork, for graders: {work}",
        "recorded": "{entries} entries. The ledger now ends with {head}",
        "works": "{out}: {works} works, in no order that tells an arm",
        "exported": "{out}: {rows} rows, {bare} without strata, {left} left out. {threat}",
        "effects": "treatment against control|with missing at best|with missing at worst",
        "other": "{name} against control",
        "ratios": "odds ratio of reaching more||{confidence:.4g} interval|p",
        "to": "{low:.2f} to {high:.2f}",
        "posterior": "posterior: {median:.2f} ({low:.2f} to {high:.2f}); above 1 with {one:.1%}, above the line"
        " with {line:.1%}",
        "proportional": "one ratio for all milestones: p {p:.3f} (Brant); small says that it is not one",
        "verdict": "look {look} of {looks}: {verdict}. {why}",
    },
    "zh": {
        "study": "{name} {version}：{arms} 组，{planned} 名参与者，sha256 {digest}",
        "power": "问题|得到回答的比例",
        "sees": "能发现优势比 {ratio:g}（区间高于 1）",
        "clears": "能排除没有提升作用的模型（区间低于 {line:g}）",
        "needed": "每组 {arm} 人，其中流失 {lost:.0%}；要求达到 {wanted:.0%}。每组需 {needed} 人"
        "（第一问按 Whitehead 公式：{formula}；仅以最后一个里程碑为结果：{binary}）。",
        "underpowered": "检验效能不足：此类研究多以无结论告终。请增加参与者，选用更能区分参与者的里程碑，"
        "或设定更大的效应；否则写明 `underpowered_because`。",
        "registered": "已登记：承诺 {commitment}\n请立即将其交给外部人员。没有 secret.json，谁也无法打开，也无法分组。",
        "allocated": "组别：{arm}\n参与者：{participant}\n作品编号（供评分者）：{work}",
        "recorded": "{entries} 条记录。账本现以 {head} 结尾",
        "works": "{out}：{works} 份作品，其次序不透露组别",
        "exported": "{out}：{rows} 行，其中 {bare} 行不含分层，略去 {left} 行。{threat}",
        "effects": "试验组对对照组|缺失按最好计|缺失按最差计",
        "other": "{name} 对对照组",
        "ratios": "达到更高里程碑的优势比||{confidence:.4g} 区间|p",
        "to": "{low:.2f} 至 {high:.2f}",
        "posterior": "后验：{median:.2f}（{low:.2f} 至 {high:.2f}）；大于 1 的概率 {one:.1%}，"
        "高于界限的概率 {line:.1%}",
        "proportional": "各里程碑同一优势比：p {p:.3f}（Brant）；值小说明并非同一",
        "verdict": "第 {look} 次查看，共 {looks} 次：{verdict}。{why}",
    },
}
