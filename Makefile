# `make run` and `make test` need Python 3.13, make, and network to the package registries once.

PYTHON ?= $(shell command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help run serve events test tests mutants soak bench lint types unit functional integration format lock package tool bom infra snapshots clean

help: ## what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info[:2] == (3, 13) else "Python 3.13 is needed; set PYTHON=path/to/python3.13")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

run: $(READY) ## everything from nothing, on this machine: sample exports in, outcomes out
	@$(BIN)/python -m local run

serve: $(READY) ## the same, and stays: whatever is copied to local/inbox/ is an upload
	@$(BIN)/python -m local serve

events: $(READY) ## plays Event Grid beside `func start`, against Azurite
	@$(BIN)/python -m local events

test: lint ## lint, types and all tests
	@$(MAKE) --no-print-directory -j 2 types tests

tests: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term tests

mutants: $(READY) ## change the code in one place at a time, and see that a test notices (PACKAGE=shared/exports SAMPLE=100)
	@failed=0; $(BIN)/python -m tests.support.named_mutants || failed=1; for package in $(or $(PACKAGE),shared/exports shared/delivery); do \
		$(BIN)/python -m tests.support.mutants $$package --sample $(or $(SAMPLE),0) || failed=1; done; exit $$failed

soak: $(READY) ## the long fault runs, with their figures (about an hour)
	$(BIN)/python -m pytest -m soak -s tests

bench: $(READY) ## speed and memory beside what people would otherwise write; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

lint: $(READY) ## ruff with all rules, import boundaries and cycles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY) ## mypy, strict
	$(BIN)/mypy

unit functional integration: $(READY)
	$(BIN)/python -m pytest tests/$@

format: $(READY) ## ruff's formatter and safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(READY) ## recompile the pinned requirements from the .in files
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.13 --generate-hashes --no-header -q requirements.in -o requirements.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.13 --generate-hashes --no-header -q requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.13 --generate-hashes --no-header -q requirements-command.in -o requirements-command.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.13 --generate-hashes --no-header -q requirements-tool.in -o requirements-tool.txt

package: ## dist/gatepost.zip, what is deployed; the same to the byte from the same sources and Python
	@$(PYTHON) -m infra.package

tool: $(READY) ## dist/gatepost-*.whl and *.pyz, the command-line tool for people's computers
	@$(BIN)/python -m infra.tool

bom: ## dist/gatepost.cdx.json, the bill of materials of the package
	@$(PYTHON) -m infra.bom

infra: ## check infra/ with what is at hand: Bicep's compiler, terraform, infra-check, checkov
	@sh infra/check.sh

snapshots: ## write anew what both stacks come to: Bicep's snapshots, Terraform's plans
	@sh infra/check.sh --write

clean: ## forget everything that was installed or made
	rm -rf $(VENV) .cache .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
