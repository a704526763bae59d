# `make run` and `make test` are all that a newcomer needs; each creates what it needs and is quick when nothing changed.

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r
UV := uv==0.13.9
LOCK := $(VENV)/lock/bin/uv pip compile --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet --extra teams $(ARGS) pyproject.toml

.PHONY: run test check format bench campaign lock clean

run: $(VENV)/run.stamp ## the whole product on this machine, with stand-ins for the providers
	@$(BIN)/python -m bot sandbox $(ARGS)

test: $(VENV)/dev.stamp ## all tests; ARGS="tests/handlers -x" for some
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(or $(ARGS),tests/whole tests/sandbox tests)

check: $(VENV)/dev.stamp ## format, lint, types
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy

format: $(VENV)/dev.stamp
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

bench: $(VENV)/dev.stamp ## the figures of docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

campaign: $(VENV)/dev.stamp ## the long proofs: releases attacked, texts read, dates counted; each prints its seed
	@for proof in opt_out replies releases training_dates seats; do echo "== $$proof"; $(BIN)/python -m campaigns.$$proof $(ARGS) || exit 1; done

lock: $(VENV)/bin/python ## make the requirements files anew from pyproject.toml; ARGS=--upgrade for newer versions
	@$(PYTHON) -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	@$(LOCK) --output-file requirements.txt
	@$(LOCK) --extra dev --constraints requirements.txt --output-file requirements-dev.txt

clean: ## everything that was made here, but never data/
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing what Commonline needs (once; about a minute) …"
	@$(INSTALL) requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(BIN)/python
	@echo "Installing what Commonline and its tests need (once; a minute or two) …"
	@$(INSTALL) requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Commonline needs Python 3.11 or newer; none was found." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 2; }
