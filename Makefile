# One short command a job; `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PORT ?= 9292
SOURCES := benchmarks broker consumer_tests gate local_stack orchestrator pact_broker_client provider_verification tests

export PACT_DO_NOT_TRACK := true

.DEFAULT_GOAL := help
.PHONY: help setup lock gate pact-consumer pact-publish pact-verify can-i-deploy broker run stubs violations test suites recordings conformance vendor-specs lint format bench clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with everything locked in requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, $(PYTHON) is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "setting up .venv (once, about a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

gate: $(READY) ## record, run the suites, publish, verify, and say whether this commit may be deployed
	@$(BIN)/python -m gate run

pact-consumer: $(READY) ## record what the orchestrator expects of its vendors into pacts/
	@$(BIN)/python -m consumer_tests

pact-publish: $(READY) ## publish pacts/ to the broker as this commit's
	@$(BIN)/python -m gate publish

pact-verify: $(READY) ## verify the broker's pacts against the stubs, publish the results
	@$(BIN)/python -m gate verify

can-i-deploy: $(READY) ## ask whether this commit may be deployed to production
	@$(BIN)/python -m gate can-i-deploy

broker: $(READY) ## run the embedded broker on port 9292 (PORT=…) with the gate's database
	@mkdir -p build
	@$(BIN)/python -m broker --port $(PORT) --database build/broker.sqlite

run: $(READY) ## run the orchestrator with stubs behind it on port 8080 (PORT=…), and print a tour by curl
	@$(BIN)/python -m local_stack --port $(if $(filter file,$(origin PORT)),8080,$(PORT))

stubs: $(READY) ## run all vendor stubs, print the variables that point an orchestrator at them
	@$(BIN)/python -m provider_verification.stubs

violations: $(READY) ## what the running stubs have against their callers; exit code 1 if anything
	@$(BIN)/python -m provider_verification.stubs.control.violations_cli

test: $(READY) ## run all tests
	@$(BIN)/pytest -n auto

suites: $(READY) ## run the suites against the orchestrator (ORCHESTRATOR_URL=… for a deployment)
	@$(BIN)/pytest tests/integration -n auto

recordings: $(READY) ## play exchanges recorded from real servers (RECORDINGS=folder) to the stubs
	@test -d "$(RECORDINGS)" || { echo "RECORDINGS should name the folder of recorded exchanges, it is '$(RECORDINGS)'"; exit 1; }
	@RECORDINGS="$(abspath $(RECORDINGS))" $(BIN)/pytest -m recordings

conformance: $(READY) ## hold schemas/ against the vendors' own specs (VENDOR_SPECS=folder, or make vendor-specs)
	@$(BIN)/python -m provider_verification.conformance check

vendor-specs: $(READY) ## fetch the specs that vendors serve, pinned by sha256
	@$(BIN)/python -m provider_verification.conformance fetch

lint: $(READY) ## format check, lint, types, import contracts
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports

format: $(READY) ## format the code
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

bench: $(READY) ## measure, with ratios against a peer in the same run
	@$(BIN)/python -m benchmarks

lock: $(READY) ## resolve pyproject.toml into requirements.lock anew
	@$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
		--no-header --no-annotate --allow-unsafe --strip-extras --extra dev --output-file requirements.lock pyproject.toml

clean: ## remove what was built (not .venv)
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage
