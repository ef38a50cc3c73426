"""What the commands of plans and kept evaluations say to people, in English and Chinese."""

from tocsin.cli.output import chosen_language


def words(language: str) -> dict[str, str]:
    """Sentences by name, in the language that is asked for or the environment's. Raises BadInput."""
    return _WORDS[chosen_language(language)]


_WORDS = {
    "en": {
        "note": "(note) {field}: {sentence}",
        "can-register": "{name} {version} can be registered. sha256 {digest}",
        "registered": "{name} {version} is registered: {id}",
        "statement": "{out} says when, and nothing of the plan: give it to somebody before the run.",
        "plans": "registration|plan|version|at|evaluations",
        "no-plans": "No plan is registered: `tocsin evaluation plan register PLAN`.",
        "written": "{out} is written. Whoever checks it needs this key, over another channel:",
        "plan-holds": "It holds: signed by {node}. The moment is that node's word, unless others saw the statement.",
        "plan": "{name} {version}, registered {at}\ncommitment {id}\nplan sha256 {plan}",
        "tasks": "task|version|samples|repeats",
        "lines": "line|task|limit|consequence",
        "claimed": " (claimed)",
        "limits": "Not covered: {limits}\nReview by {day}",
        "evaluations": "evaluation|plan|model|attempt|at|lines",
        "no-evaluations": "No evaluation is kept. A plan comes first: `tocsin evaluation plan register PLAN`.",
        "evaluation": "{name} on {model}, {at}",
        "answers": "line|task|verdict|worse condition|why",
        "results": "task|condition|failed (95 %)|invalid|reasons",
        "ids": "evaluation {id}\nregistration {registration}",
        "attempt": "Attempt {attempt} of this registration; {earlier} kept before of this model and plan.",
        "review": "{limits}\nReview by {day}",
        "compared": "task|condition|only first failed|only second|difference (95 %)|p (Holm)|unpaired",
        "nothing-common": "They have no task in common.",
        "left-out": "Not compared: {name}: {why}",
        "test-set": "test set of {task}: sha256:{root}",
        "to": "{share:+.1%} ({low:+.1%} to {high:+.1%})",
        "proof": "{out} is written: {outcome}. `tocsin evaluation verify --proof {out}` checks it.",
        "holds": "It holds: signed by {node}.",
        "sample": "Sample {id} of {task} {condition}: {outcome}.",
    },
    "zh": {
        "note": "（提示）{field}：{sentence}",
        "can-register": "{name} {version} 可以登记。sha256 {digest}",
        "registered": "{name} {version} 已登记：{id}",
        "statement": "{out} 只说明登记的时间，不含计划内容：请在运行前交给他人。",
        "plans": "登记|计划|版本|时间|评估数",
        "no-plans": "尚未登记计划：`tocsin evaluation plan register PLAN`。",
        "written": "已写入 {out}。查验者需要经另一渠道得到此公钥：",
        "plan-holds": "成立：由 {node} 签名。登记时间仅凭该节点所言，除非他人见过该声明。",
        "plan": "{name} {version}，登记于 {at}\n承诺 {id}\n计划 sha256 {plan}",
        "tasks": "任务|版本|样本数|重复次数",
        "lines": "界线|任务|上限|后果",
        "claimed": "（自称）",
        "limits": "未涵盖：{limits}\n复审期限 {day}",
        "evaluations": "评估|计划|模型|次数|时间|界线",
        "no-evaluations": "尚未保存评估。须先有计划：`tocsin evaluation plan register PLAN`。",
        "evaluation": "{name}，模型 {model}，{at}",
        "answers": "界线|任务|结论|较差状态|原因",
        "results": "任务|状态|失败（95 %）|无效|原因",
        "ids": "评估 {id}\n登记 {registration}",
        "attempt": "本次登记的第 {attempt} 次；此前已保存同一模型与计划的评估 {earlier} 次。",
        "review": "{limits}\n复审期限 {day}",
        "compared": "任务|状态|仅前者失败|仅后者失败|差（95 %）|p（Holm）|未配对",
        "nothing-common": "二者没有共同的任务。",
        "left-out": "未比较：{name}：{why}",
        "test-set": "{task} 的测试集：sha256:{root}",
        "to": "{share:+.1%}（{low:+.1%} 至 {high:+.1%}）",
        "proof": "已写入 {out}：{outcome}。可用 `tocsin evaluation verify --proof {out}` 查验。",
        "holds": "成立：由 {node} 签名。",
        "sample": "{task} {condition} 的样本 {id}：{outcome}。",
    },
}
