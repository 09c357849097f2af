# Every target does its own set-up: it needs Python 3.11 to 3.13 and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PACKAGES := foundation ingestion transforms quality alerting backups orchestration cli sandbox
ARGS ?=

.PHONY: help setup demo test lint format unit docs contracts bench clients truth marts-truth faults gate clean

help:  ## Show the targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11, 3.12 or 3.13 is needed; name one with: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	@touch $@

setup: $(INSTALLED)  ## Make the environment and parse the dbt project.
	@$(BIN)/mdp prepare

demo: setup  ## Run the whole platform on a sandbox world and serve its UI (ARGS=--exit ends after the table).
	@$(BIN)/mdp demo $(ARGS)

test: lint  ## Lint, then all tests with coverage.
	@$(BIN)/coverage erase
	$(BIN)/pytest tests -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report= --durations 25 $(ARGS)

unit: setup  ## The unit tests alone: no database, no network, seconds.
	@$(BIN)/pytest tests/unit -q $(ARGS)

lint: setup  ## ruff, mypy strict, sqlfluff, Dagster definitions.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 dbt_project

format: setup  ## Format Python and SQL.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

contracts: setup  ## The columns of quality/contracts into the dbt YAMLs beside the models; what is left is said.
	@$(BIN)/python -m quality.contracts

docs: setup  ## The reference pages and the lineage picture from the dbt project; dbt's site in docs/site.
	@$(BIN)/python -m docs.generator

bench: setup  ## Speed and memory as ratios within one run; figures are kept in docs/benchmarks.md (ARGS=--quick).
	@$(BIN)/python -m benchmarks $(ARGS)

clients: $(INSTALLED)  ## Clients that others wrote read the sandbox; compared with its truth (ARGS="--only tap-facebook").
	@$(BIN)/python -m tests.clients $(ARGS)

truth: setup  ## A year of every platform, restated twice, against the sandbox's truth (ARGS=--all-reports for all).
	@$(BIN)/python -m tests.truth $(ARGS)

marts-truth: setup  ## Published tables and reports of three seeds, 12 clients each, against separate code (ARGS="--seeds 1").
	@$(BIN)/python -m tests.marts_truth $(ARGS)

faults: setup  ## 500 seeds of faults, every crash point, several writers, eight mutants; goes on where it was stopped.
	@$(BIN)/python -m tests.faults $(ARGS)

gate: setup  ## Planted incidents x 10 seeds, a clean half year of 200 units, a polling reader; goes on where it was stopped.
	@$(BIN)/python -m tests.gate --write $(ARGS)

clean:  ## Remove the environment, the demo world and what dbt wrote; a real installation's data stays.
	rm -rf $(VENV) .data/demo .data/clients dbt_project/target dbt_project/target_published docs/site
