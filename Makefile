# itops: `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet install
BUILD_PINS := requirements/build.txt
JOBS ?= 2

# The task's words reach the command through the environment, exactly as typed: no quote, dollar sign or backtick in
# them is read by make or by a shell.
TASK ?= Which directories under /var use the most space?
unexport TASK
export TASK_WORDS := $(value TASK)

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' Makefile

# --- use it

.PHONY: run
run: $(VENV)/package.stamp ## One task from words to answer: make run TASK="…"
	@$(BIN)/itops run -- "$$TASK_WORDS"

.PHONY: serve
serve: $(VENV)/package.stamp ## The chat page on this machine
	@$(BIN)/itops serve

# --- set-up: one .venv, filled in three steps; each stamp says that its step stands

.PHONY: setup setup-dev
setup: $(VENV)/package.stamp ## .venv with what the main job needs
setup-dev: $(VENV)/dev.stamp ## .venv with what tests and checks need, too

$(VENV)/bin/python:
	@tools/make_venv.sh $(VENV)

$(VENV)/base.stamp: requirements/base.txt $(BUILD_PINS) | $(VENV)/bin/python
	@echo "Installing the pinned requirements into $(VENV) (once; a minute or two)…"
	@$(PIP) --require-hashes --requirement requirements/base.txt --requirement $(BUILD_PINS)
	@touch $@

$(VENV)/package.stamp: pyproject.toml $(VENV)/base.stamp
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt | $(VENV)/package.stamp
	@echo "Installing what the tests and checks need into $(VENV) (once)…"
	@$(PIP) --require-hashes --requirement requirements/dev.txt
	@touch $@

# --- test it

.PHONY: test
test: setup-dev ## All tests; installs the Debian packages they need where it may
	@tools/setup_debian.sh
	@$(BIN)/pytest --numprocesses $(JOBS) --dist worksteal

.PHONY: check
check: setup-dev ## Format, lint, types, import contracts, architecture
	@$(MAKE) --jobs $(JOBS) --keep-going --output-sync=target \
		check-types check-pyright check-lint check-format check-imports check-architecture

.PHONY: check-format check-lint check-types check-pyright check-imports check-architecture
check-format:
	@echo "== format" && $(BIN)/ruff format --check .
check-lint:
	@echo "== lint" && $(BIN)/ruff check . && $(BIN)/shellcheck tools/*.sh requirements/compile.sh .ci/run
check-types:
	@echo "== types (mypy)" && $(BIN)/mypy
# Both node and pyright come in wheels; without the variable it asks the registry for a newer release at each run.
check-pyright:
	@echo "== types (pyright)" && PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
check-imports:
	@echo "== import contracts" && PYTHONPATH=src $(BIN)/lint-imports
check-architecture:
	@echo "== architecture" && $(BIN)/pytest tests/architecture

.PHONY: format
format: setup-dev ## Format and mend what can be mended by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: library-page
library-page: setup-dev ## Write docs/library.md anew from the starter library
	@$(BIN)/python tools/library_page.py

# --- measure it: benchmarks/bench_NAME.py is `make bench-NAME`; those that take minutes are left out of `make bench`

SLOW_BENCHMARKS := decomposition policy kill retrieval library
BENCHMARKS = $(filter-out $(SLOW_BENCHMARKS),$(patsubst benchmarks/bench_%.py,%,$(sort $(wildcard benchmarks/bench_*.py))))

.PHONY: bench
bench: setup-dev ## The quick benchmarks, one after the other
	@set -e; for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python benchmarks/bench_$$name.py; done

bench-%: setup-dev ## One benchmark: decomposition, policy, kill, …
	@$(BIN)/python benchmarks/bench_$(subst -,_,$*).py

.PHONY: mutation
mutation: setup-dev ## Mutation testing of policy, approval and attempts; takes an hour
	@$(BIN)/python tools/mutation.py

# --- tidy up

.PHONY: clean
clean: ## Remove what make made here (.venv, caches, artifacts); the state in ITOPS_HOME stays
	@rm -rf $(VENV) build dist artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
