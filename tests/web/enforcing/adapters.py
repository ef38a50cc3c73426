"""The real things that the adapters stand in front of: each in an environment of its own, as they share no versions."""

import subprocess
import sys
from pathlib import Path

PROGRAMS = ("envoy", "litellm")


def program(name: str) -> Path:
    """The program, installed on first use from lock/bench-NAME.txt by hash. Raises OSError or CalledProcessError."""
    place = Path(f".cache/bench-{name}")
    python = place / "bin" / "python"
    if not (place / ".whole").exists():
        print(f"setting up {name} ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", f"lock/bench-{name}.txt"], check=True)
        (place / ".whole").touch()
    return (place / "bin" / name).absolute()


def main() -> None:
    for name in PROGRAMS:
        program(name)


if __name__ == "__main__":
    main()
