# One command for each job; `make help` lists them.
PYTHON ?= python3
INSTALLER ?= uv
BIN := .venv/bin
READY := .venv/.ready
# make that is killed stops nothing: its child notices that and stops by itself
RUN := exec $(BIN)/python -m local_stack.exit_with_parent $$PPID
PORT ?= 9292
SOURCES := .ci benchmarks broker consumer_tests contract_strength contract_usage fault_injection gate heat_map local_stack monitoring orchestrator pact_broker_client performance provider_verification soak suite_runner tests vendor_discovery $(wildcard *.py)

export PACT_DO_NOT_TRACK := true
# Each of the many processes that a command starts would compile all packages again: 4 s instead of 1 s.
unexport PYTHONDONTWRITEBYTECODE
ifdef PYTHONIOENCODING
export PYTHONIOENCODING := $(firstword $(subst :, ,$(PYTHONIOENCODING))):replace
endif
# what the others read is not compared, or the same
USAGE_TESTS := not FaultMatrix and not TestMemoryPressure and not TestSustainedMemory and not TestPartialFailure
# The orchestrator has a setting ENVIRONMENT too: only the command line counts here.
ENVIRONMENT_OPTION = $(if $(filter command line,$(origin ENVIRONMENT)),--environment '$(ENVIRONMENT)')

.DEFAULT_GOAL := help
.PHONY: help setup javascript-sdks lock gate pact-consumer pact-publish pact-verify can-i-deploy record-deployment broker run stubs violations sdk-table test suites usage replay recordings conformance vendor-index vendor-specs fault-matrix soak lint format security bench wheel broker-wheel clean perf perf-power secrets strength

help: ## show this list
	@awk -F':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Set-up

setup: $(READY) ## create .venv from requirements.lock (INSTALLER=pip: no uv)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) .ci/create_venv.py --installer $(INSTALLER)

javascript-sdks: $(READY) ## install the vendors' SDKs for JavaScript, for their tests
	@$(BIN)/python .ci/javascript_sdks.py

lock: $(READY) ## resolve requirements.lock, keep versions (UPGRADE=1: newest)
	@$(BIN)/uv pip compile pyproject.toml --quiet --all-extras --universal --python-version 3.11 --generate-hashes --strip-extras \
		--no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade) --output-file requirements.lock

clean: ## remove everything that was built, except .venv
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache htmlcov .coverage *.egg-info

##@ The gate: can this commit be deployed?

gate: $(READY) ## run all steps: may this commit be deployed?
	@$(RUN) gate run $(ENVIRONMENT_OPTION)

pact-consumer: $(READY) ## record what the orchestrator expects of vendors into pacts/
	@$(RUN) consumer_tests

pact-publish: $(READY) ## publish pacts/ to the broker under this commit's version
	@$(RUN) gate publish

pact-verify: $(READY) ## verify this commit's pacts against the stubs
	@$(RUN) gate verify

can-i-deploy: $(READY) ## ask whether this commit may be deployed (ENVIRONMENT=…)
	@$(RUN) gate can-i-deploy $(ENVIRONMENT_OPTION)

record-deployment: $(READY) ## record that this commit was deployed (ENVIRONMENT=…)
	@$(RUN) gate record-deployment $(ENVIRONMENT_OPTION)

##@ Run it

run: $(READY) ## run the orchestrator with stub vendors (PORT=8080)
	@$(RUN) local_stack --port $(if $(filter file,$(origin PORT)),8080,$(PORT))

stubs: $(READY) ## run the stub vendors (TLS=1, RECORD=file.har, PORT=…)
	@$(RUN) provider_verification.stubs $(if $(filter command line,$(origin PORT)),--port '$(PORT)') \
		$(if $(filter-out 0,$(TLS)),--tls) $(if $(filter-out 0,$(PLAIN)),--plain) $(if $(RECORD),--record '$(RECORD)')

violations: $(READY) ## list the violations of clients at the running stubs
	@$(RUN) provider_verification.stubs.control.violations_cli

sdk-table: $(READY) ## count how the stubs answer the vendors' SDKs
	@$(RUN) tests.stubs.sdk_table

broker: $(READY) ## run the embedded broker with the gate's data (PORT=9292)
	@mkdir -p build
	@$(RUN) broker --port $(PORT) --database build/broker.sqlite

##@ Test

test: $(READY) ## run all tests (THOROUGH=1: with every case)
	@$(RUN) gate test

suites: $(READY) ## run the suites (SUITES=…, ORCHESTRATOR_URL=…)
	@$(RUN) suite_runner $(if $(SUITES),--suites $(SUITES))

usage: $(READY) ## compare the fields that are demanded with those read
	@rm -rf build/contract-usage
	@CONTRACT_USAGE_FOLDER='$(CURDIR)/build/contract-usage' $(RUN) pytest tests/integration -q -n auto --dist loadscope -k "$(USAGE_TESTS)"
	@$(RUN) contract_usage

fault-matrix: $(READY) ## run vendor requests under every fault (THOROUGH=1)
	@rm -rf build/fault-matrix
	@FAULT_MATRIX=1 $(RUN) pytest tests/fault_matrix tests/integration/test_resilience_integration.py -q -n auto \
		-k "fault_matrix or FaultMatrix or WebhookFaults"

strength: $(READY) ## make mutants: are all caught? (SEED=…, VENDOR=…)
	@$(RUN) contract_strength $(if $(SEED),--seed '$(SEED)') $(if $(VENDOR),--vendor '$(VENDOR)')

conformance: $(READY) ## check schemas/ against vendor specs (VENDOR_SPECS=folder)
	@$(RUN) provider_verification.conformance check
	@$(if $(VENDOR_SPECS),VENDOR_SPECS="$$(cd "$(VENDOR_SPECS)" && pwd)" $(RUN) pytest -m vendor_specs,echo "NOT RUN: the Ruby client's contract with a broker needs VENDOR_SPECS")

vendor-index: $(READY) ## derive the index of what vendors have (VENDOR_SPECS=folder)
	@$(RUN) provider_verification.conformance index

vendor-specs: $(READY) ## download the vendors' specs, pinned by SHA-256
	@$(RUN) provider_verification.conformance fetch

replay: $(READY) ## replay recorded traffic (RECORDINGS=folder)
	@test -d "$(RECORDINGS)" || { echo "RECORDINGS must name the folder of recorded exchanges; it is '$(RECORDINGS)'"; exit 1; }
	@RECORDINGS="$$(cd "$(RECORDINGS)" && pwd)" $(RUN) pytest -m recordings

recordings: replay ## the former name of replay

soak: $(READY) ## run the stack under random faults (MINUTES=5, SEED=…)
	@$(RUN) soak $(if $(MINUTES),--minutes '$(MINUTES)') $(if $(SEED),--seed '$(SEED)')

bench: $(READY) ## run the benchmarks, each beside a peer in the same run
	@$(RUN) benchmarks

perf: $(READY) ## find endpoints that became slower (BASE=commit, UPDATE=1)
	@$(RUN) performance run $(if $(BASE),--base '$(BASE)') $(if $(ROUNDS),--rounds '$(ROUNDS)') $(if $(SEED),--seed '$(SEED)') $(if $(UPDATE),--update)

perf-power: $(READY) ## measure which slowdowns perf finds (REPEATS=20)
	@$(RUN) performance power $(if $(REPEATS),--repeats '$(REPEATS)') $(if $(ROUNDS),--rounds '$(ROUNDS)') $(if $(SEED),--seed '$(SEED)')

##@ Code

lint: $(READY) ## check format, lint rules, types and import contracts
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports

format: $(READY) ## format the code and fix what ruff can fix
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

secrets: $(READY) ## scan the files that git knows for new secrets
	@git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --no-verify --baseline .secrets.baseline

security: secrets ## scan for secrets and known vulnerabilities, write the SBOM
	@mkdir -p build/security
	@$(BIN)/cyclonedx-py environment .venv --pyproject pyproject.toml --output-reproducible -o build/security/sbom.json
	@$(BIN)/pip-audit --strict --requirement requirements.lock --require-hashes --disable-pip --progress-spinner off

wheel: $(READY) ## build the orchestrator's wheel into build/dist/
	@rm -rf build/lib build/dist
	@$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir build/dist
	@rm -rf build/lib # setuptools would put modules that were removed meanwhile into the next wheel

broker-wheel: $(READY) ## build the broker's own wheel into build/dist/
	@rm -rf build/broker-package
	@mkdir -p build/broker-package
	@cp -R broker build/broker-package/broker # setuptools writes beside the sources
	@$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir build/dist build/broker-package/broker
	@rm -rf build/broker-package
