"""What must be installed beside a model, and whence: requirements, environments, project tables."""

import re
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.texts.reading import text_of
from tocsin.kernel.artefacts import Fact

MAX_REQUIREMENTS_BYTES = 1_048_576
MAX_REQUIREMENTS = 5_000

_NAME = re.compile(r"(?i)^(?:.*[-_.])?(?:requirements?|constraints?)(?:[-_.].*)?\.(?:txt|in)$")
_PINNED_COMMIT = re.compile(r"@[0-9a-f]{40}(?:[#&]|$)")
_OPTION = re.compile(r"^(--?[A-Za-z][\w-]*)(?:[=\s]+(.*))?$")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_SOURCES = frozenset({"-i", "--index-url", "--extra-index-url", "-f", "--find-links"})
_WHEELS_OF_TORCH = re.compile(r"^https://download\.pytorch\.org/")
"""Torch's own wheels for each accelerator: what its manual tells everybody to write."""

_CHANNELS = frozenset(
    {"defaults", "conda-forge", "pytorch", "nvidia", "huggingface", "anaconda", "nodefaults", "bioconda"}
)
_CONDA = re.compile(r"^(?:[\w.-]+::)?([A-Za-z0-9_.-]+)\s*(.*)$")


class Requirements:
    """requirements.txt and its kin by name; pyproject.toml by its tables."""

    name = "requirements"
    version = 1

    def recognises(self, piece: Piece) -> str:
        last = piece.path.rpartition("/")[2]
        return "requirements" if _NAME.match(last) or last in {"pyproject.toml", "Pipfile"} else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        text, wrong = text_of(piece, MAX_REQUIREMENTS_BYTES)
        if wrong is not None:
            yield wrong
        elif piece.path.endswith((".toml", "Pipfile")):
            yield from _told_by_project(text, piece.path)
        else:
            yield from told_by_lines(text.replace("\\\n", " ").splitlines(), piece.path)


def told_by_lines(lines: list[str], path: str) -> Iterator[Told]:
    """One requirement or option a line, as pip reads them."""
    if len(lines) > MAX_REQUIREMENTS:
        yield finding("text.too-large", path, size=len(lines), bound=MAX_REQUIREMENTS)
        return
    for at, raw in enumerate(lines, 1):
        line = _COMMENT.sub("", raw).strip()
        if not line:
            continue
        option = _OPTION.match(line)
        if option is not None:
            yield from _option(option[1], (option[2] or "").strip(), f"line {at}", path)
        else:
            yield from told_by_requirement(line, f"line {at}", path)


def _option(name: str, value: str, place: str, path: str) -> Iterator[Told]:
    if name in _SOURCES and not _WHEELS_OF_TORCH.match(value):
        yield finding("requirements.other-index", path, field=place, option=name, value=value)
    elif name == "--trusted-host":
        yield finding("requirements.untrusted-transport", path, field=place, value=value)
    elif name in {"-e", "--editable"}:
        yield from told_by_requirement(value, place, path)


def told_by_requirement(line: str, place: str, path: str) -> Iterator[Told]:
    """A fact, and findings on whence it would come."""
    from packaging.requirements import InvalidRequirement, Requirement  # not before a requirement is met
    from packaging.utils import canonicalize_name

    bare = re.split(r"\s--(?:hash|config-settings|global-option)\b", line)[0].strip()
    if "://" in bare.partition("@")[0] or bare.startswith(("git+", "hg+", "svn+", "bzr+")):
        name = re.search(r"#.*?egg=([\w.-]+)", bare)
        yield from _direct(name[1] if name else "", bare, place, path)
        return
    try:
        parsed = Requirement(bare)
    except InvalidRequirement:
        rule = "requirements.local" if bare.startswith((".", "/")) else "requirements.not-parsed"
        yield finding(rule, path, field=place, said=bare)
        return
    if parsed.url:
        yield from _direct(parsed.name, parsed.url, place, path)
        return
    pins = [
        one.version for one in parsed.specifier if one.operator in {"==", "==="} and "*" not in one.version
    ]
    values: dict[str, Any] = {"name": canonicalize_name(parsed.name), "specifier": str(parsed.specifier)}
    if pins:
        values["version"] = pins[0]
    else:
        yield finding("requirements.not-pinned", path, field=place, name=parsed.name)
    if parsed.marker is not None:
        values["marker"] = str(parsed.marker)[:200]
    yield Fact("requirement", path, values)


def _direct(name: str, url: str, place: str, path: str) -> Iterator[Told]:
    from packaging.utils import canonicalize_name

    yield Fact("requirement", path, {"name": canonicalize_name(name) if name else "", "url": url[:300]})
    if url.startswith("http://") or "+http://" in url:
        yield finding("requirements.untrusted-transport", path, field=place, value=url)
    elif _PINNED_COMMIT.search(url) or "#sha256=" in url or _WHEELS_OF_TORCH.match(url):
        yield finding("requirements.direct-pinned", path, field=place, url=url)
    else:
        yield finding("requirements.direct", path, field=place, url=url)


def _told_by_project(text: str, path: str) -> Iterator[Told]:
    import tomllib

    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        yield finding("requirements.not-parsed", path, said=str(error))
        return
    project = tables.get("project", {})
    lines = list(_strings(project.get("dependencies")))
    for extra in _values(project.get("optional-dependencies")):
        lines += _strings(extra)
    for group in _values(tables.get("dependency-groups")):
        lines += _strings(group)
    system = tables.get("build-system", {})
    lines += _strings(system.get("requires") if isinstance(system, dict) else None)
    if len(lines) > MAX_REQUIREMENTS:
        yield finding("text.too-large", path, size=len(lines), bound=MAX_REQUIREMENTS)
        return
    for line in lines:
        yield from told_by_requirement(line, "dependencies", path)


def told_by_environment(document: Any, path: str) -> Iterator[Told]:
    """conda's environment.yml: channels, its own packages, and what pip installs; nothing for other YAML."""
    if not isinstance(document, dict) or not isinstance(document.get("dependencies"), list):
        return
    for channel in _strings(document.get("channels")):
        if channel not in _CHANNELS:
            yield finding("requirements.other-index", path, field="channels", option="channel", value=channel)
    for one in document["dependencies"][:MAX_REQUIREMENTS]:
        if isinstance(one, dict):
            yield from told_by_lines(list(_strings(one.get("pip"))), path)
        elif isinstance(one, str):
            match = _CONDA.match(one)
            if match is not None:
                version = match[2].lstrip("=").partition("=")[0].strip()
                values: dict[str, Any] = {
                    "name": match[1].casefold(),
                    "specifier": match[2].strip(),
                    "from": "conda",
                }
                if re.fullmatch(r"[\w.+!-]+", version) and match[2].startswith("="):
                    values["version"] = version
                yield Fact("requirement", path, values)


def _strings(held: Any) -> Iterator[str]:
    if isinstance(held, list):
        yield from (one for one in held if isinstance(one, str))


def _values(held: Any) -> list[Any]:
    return list(held.values()) if isinstance(held, dict) else []
