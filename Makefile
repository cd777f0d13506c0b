# Every target makes what it needs; on a bare machine there has to be Python 3.11 or later, and make.
PYTHON ?= python3
SCENARIO ?= banking-transfer
DOCKER ?= docker
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes

.PHONY: demo test check golden reliability bench audit lock image container-test clean

demo: .venv/runtime
	$(BIN)/python entrypoint.py demo --scenario $(SCENARIO)

test: .venv/dev
	$(BIN)/python -m pytest

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/yamllint --strict .
	$(BIN)/python scripts/reliability_page.py --check

# Renews the expected reports under tests/golden; read the difference before you commit it.
golden: .venv/dev
	GOLDEN=renew $(BIN)/python -m pytest -q tests/core/test_golden.py

# Renews the table of faults and attacks from the tests that show them.
reliability: .venv/dev
	$(BIN)/python scripts/reliability_page.py

bench: .venv/dev
	$(BIN)/python bench/polling.py

# Known vulnerabilities of what the image installs; asks a service on the network.
audit: .venv/dev
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.txt

# Renews the pinned versions and hashes.
lock: .venv/dev
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --extra rsa -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --extra rsa --group dev -o requirements-dev.txt pyproject.toml

image:
	$(DOCKER) build $(BUILD_FLAGS) --tag gatekeeper .

# What the built image does, on the platforms that run it.
container-test: .venv/dev image
	DOCKER=$(DOCKER) $(BIN)/python -m pytest -m container

clean:
	rm -rf .venv gatekeeper-report

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt | .venv/bin/python
	$(PIP) -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt | .venv/bin/python
	$(PIP) -r requirements-dev.txt
	touch $@ .venv/runtime
