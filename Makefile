# Two commands do everything: `make run` and `make test`.
PYTHON ?= $(shell scripts/python)
BIN := .venv/bin

.PHONY: help run test lint format lock fuzz clean clause-map clause-mutants environment environment-dev

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: environment ## Start a demonstration bureau on this machine
	@$(BIN)/senim init --profile demonstration --home var
	@SENIM_HOME=var $(BIN)/senim up

test: environment-dev ## Run the whole suite
	@PYTHON=$(PYTHON) scripts/test

lint: environment-dev ## Style, types, storeys, docstrings
	@scripts/lint

format: environment-dev ## Let ruff format and mend
	$(BIN)/ruff format src tests stand_ins
	$(BIN)/ruff check --fix src tests stand_ins

clause-map: environment-dev ## Write docs/clause-map.md anew
	$(BIN)/senim clauses --md --lang en > docs/clause-map.md

clause-mutants: environment-dev ## Take citing checks out one by one: their tests must fail
	$(BIN)/python -m senim.compliance.mutants

fuzz: environment-dev ## Fuzz what reads strangers' bytes, SECONDS for each (60)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/fuzz.lock
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)

lock: environment-dev ## Write the hash-locked lists anew from requirements/*.in
	@scripts/lock

environment:
	@PYTHON=$(PYTHON) scripts/environment demonstration

environment-dev:
	@PYTHON=$(PYTHON) scripts/environment dev

clean: ## Remove environment and instance (stop it first)
	@if [ -x $(BIN)/senim ] && [ -s var/id ]; then $(BIN)/senim forget --home var; fi
	rm -rf .venv var
