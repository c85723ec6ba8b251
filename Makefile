# Everything a developer or a new user needs; wants only Python 3.11+, pip and make.
# `make` alone says what there is.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
k      ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow check format lint types imports docs serve lock clean

help:  ## What there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## *(.*)/  make \1\t\2/' | expand -t 18

demo: $(VENV)/runtime.done  ## A real workflow by real workers on the durable engine; KILL=1 kills the server midway
	@$(BIN)/python examples/sales-report/demo.py $(if $(KILL),--kill)

test: $(VENV)/dev.done  ## The quick tests; k=WORD chooses
	@$(BIN)/python -m pytest -n auto $(if $(k),-k '$(k)')

test-slow: $(VENV)/dev.done $(VENV)/aws.done  ## The slower suites: real processes, kills, the recorded cases over the wire
	@$(BIN)/python -m pytest -n 2 -m slow $(if $(k),-k '$(k)')

check: format lint types imports test  ## What to run before a commit

format: $(VENV)/dev.done
	@$(BIN)/ruff format .

lint: $(VENV)/dev.done
	@$(BIN)/ruff check .

types: $(VENV)/dev.done
	@$(BIN)/mypy

imports: $(VENV)/dev.done
	@$(BIN)/lint-imports --no-logo

docs: $(VENV)/dev.done  ## Write anew what is generated in docs/
	@$(BIN)/python docs/generate.py

serve: $(VENV)/runtime.done  ## The server on http://127.0.0.1:8080, its data in .wfm/
	@$(BIN)/wfm serve --data .wfm

# The aws command pins a botocore of its own, hence an environment of its own.
$(VENV)/aws.done: requirements/awscli.txt | $(BIN)/python
	@$(PYTHON) -m venv $(VENV)/aws
	@$(VENV)/aws/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/awscli.txt
	@touch $@

lock: $(VENV)/dev.done  ## Choose the newest versions anew and pin them in requirements/
	@$(BIN)/python requirements/lock.py

clean:  ## Remove what these targets made
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@echo "Making $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "workflow-manager needs Python 3.11 or later, and $(PYTHON) is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/runtime.done: requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the server needs …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.done: requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/runtime.done
