"""The pages of models: the list, one artefact with its tree, findings, claims and history, in two languages."""

import json
import string

from hypothesis import given
from hypothesis import strategies as st

from tests.console import Client, log_in, token_for
from tests.fixtures import Made
from tests.kept_models import BAD, GOOD, HOSTILE, keep_models, know_of_models
from tocsin.kernel import ArtefactVerdict, Part, Role, worst
from tocsin.web.console.part_trees import Branch, part_tree


def test_the_list(client: Client, made: Made) -> None:
    assert log_in(client, made.token).status_code == 303
    assert "No model was inspected yet" in client.get("/models").text
    keep_models(made)
    page = client.get("/models?lang=en").text
    for text in (
        "refund-writer-7b",
        "Found",
        "Open again",
        "channel:ops",
        "Aurora",
        "Its verdict is open again",
    ):
        assert text in page, text
    assert BAD in client.get("/models?verdict=found").text
    assert f"/models/{GOOD}" not in client.get("/models?verdict=found").text
    assert f"/models/{GOOD}" in client.get("/models?verdict=clean").text
    assert "Nothing matches" in client.get("/models?name=another").text
    assert "发现问题" in client.get("/models?lang=zh").text


def test_one_artefact(client: Client, made: Made) -> None:
    keep_models(made)
    log_in(client, made.token)
    page = client.get(f"/models/{BAD}?lang=en").text
    for text in (
        "Do not load it before a person has looked",
        "No examiner knows this format (40 bytes)",
        "tomorrow.rule (callable=os.system)",
        "2 places",
        "byte 51",
        "data.pkl",
        "LlamaForCausalLM",
        "aurora/aurora-7b",
        "A claim is no proof",
        "An ablation signature was seen in the weights. It says nothing of why.",
        "2 tensors could not be compared",
        "never a verdict of intent",
        "+gguf.template",
        "Other artefacts of this name",
    ):
        assert text in page, text
    assert HOSTILE not in page
    assert page.index("tomorrow.rule") < page.index("No examiner knows"), "the gravest stands first"
    older = made.node.store.inspections.history(BAD)[1]
    then = client.get(f"/models/{BAD}?inspection={older.id}").text
    assert "This is how it was judged then." in then
    chinese = client.get(f"/models/{BAD}?lang=zh").text
    assert "没有检查器认识此格式（40 字节）" in chinese


def test_what_is_known_of_it(client: Client, made: Made) -> None:
    keep_models(made)
    log_in(client, made.token)
    assert "Nothing that was imported here concerns it" in client.get(f"/models/{BAD}?lang=en").text
    know_of_models(made)
    page = client.get(f"/models/{BAD}?lang=en").text
    for text in (
        "PYSEC-2026-1",
        "Affected: this very version is named",
        "PYSEC-2026-2",
        "an affected one may be installed",
        "AVID-2026-R9001",
        "A claim by name, never a proof",
        "a bad checkpoint",
    ):
        assert text in page, text
    assert HOSTILE not in page
    assert "Nothing that was imported here concerns it" not in page
    chinese = client.get(f"/models/{BAD}?lang=zh").text
    assert "仅凭名称的说法，绝非证据" in chinese
    assert "PYSEC" not in client.get(f"/models/{GOOD}?lang=en").text


def test_templates_and_what_changed_in_them(client: Client, made: Made) -> None:
    keep_models(made)
    log_in(client, made.token)
    page = client.get(f"/models/{BAD}?lang=en").text
    for text in ("{{ bos }}&lt;script", "444444444444", "300,000 characters are not shown"):
        assert text in page, text
    assert "something that its parent&#39;s does not" in page
    assert "该对话模板包含父模型模板没有的内容" in client.get(f"/models/{BAD}?lang=zh").text


def test_the_inventory_is_a_file_of_the_kept_inspection(client: Client, made: Made) -> None:
    keep_models(made)
    log_in(client, made.token)
    page = client.get(f"/models/{BAD}?lang=en").text
    for form, said in (
        ("cyclonedx-1.7", ("specVersion", "1.7")),
        ("cyclonedx-1.6", ("specVersion", "1.6")),
        ("spdx-3", ("@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld")),
    ):
        path = f"/models/{BAD}/inventory?format={form}"
        assert f'href="{path}"' in page
        answer = client.get(path)
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{BAD[:16]}.')
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        document = json.loads(answer.content)
        assert document[said[0]] == said[1]
        assert "1" * 64 in answer.text
    older = made.node.store.inspections.history(BAD)[1]
    path = f"/models/{BAD}/inventory?format=spdx-3&inspection={older.id}"
    assert path.replace("&", "&amp;") in client.get(f"/models/{BAD}?inspection={older.id}").text
    assert client.get(path).content != client.get(f"/models/{BAD}/inventory?format=spdx-3").content
    assert client.get(f"/models/{BAD}/inventory?format=exe").status_code == 400
    assert client.get(f"/models/{'e' * 64}/inventory").status_code == 404


def test_what_is_not_there(client: Client, made: Made) -> None:
    keep_models(made)
    log_in(client, made.token)
    other = made.node.store.inspections.history(GOOD)[0].id
    for path in ("/models/nothing", f"/models/{'e' * 64}", f"/models/{BAD}?inspection={other}"):
        assert client.get(path).status_code == 404, path


def test_a_source_may_not_look(client: Client, made: Made) -> None:
    keep_models(made)
    log_in(client, token_for(made, "feed", Role.SOURCE))
    for path in ("/models", f"/models/{BAD}", f"/models/{BAD}/inventory"):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")


def _counted(branch: Branch) -> int:
    own = (branch.part is not None) + branch.left_out
    return own + sum(_counted(below) for below in branch.branches)


PATHS = st.lists(st.text(string.ascii_lowercase + "!/.", min_size=1, max_size=12), unique=True, max_size=30)


@given(PATHS, st.data(), st.integers(1, 40))
def test_a_tree_counts_every_part_and_shows_the_worst(
    paths: list[str], data: st.DataObject, most: int
) -> None:
    drawn = data.draw(st.lists(st.sampled_from(ArtefactVerdict), min_size=len(paths), max_size=len(paths)))
    parts = [Part(path, 1, "", verdict) for path, verdict in zip(paths, drawn, strict=True)]
    tree = part_tree(parts, most=most)
    assert tree.verdict is worst(ArtefactVerdict.CLEAN, *drawn)
    distinct = {tuple(path.split("/")) for path in paths}
    assert _counted(tree) <= len(paths)
    if all("!" not in path and "//" not in path for path in paths) and len(distinct) == len(paths):
        assert _counted(tree) == len(paths)
