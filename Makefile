# `make run` serves a demo site; `make test` checks and tests everything that takes minutes; `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
SUPPLY := build/supply
LOAD := build/load
# Where the sites of `make load` stay; PostgreSQL's own user must be able to go there.
LOAD_SITES ?= /tmp/deltagerdata-load
PYTEST := $(BIN)/pytest -n 2 --dist=worksteal
COMPILE := $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	--python-version 3.11 --universal

# Images of containers often forbid Python to keep what it has compiled: each of the processes that the tests
# start would then compile Django, pandas and the rest anew.
unexport PYTHONDONTWRITEBYTECODE

# The demo has a data folder and keys of its own.
DEMO_SITE := DEMO=1 HTTPS=0 LOG_FORMAT=$${LOG_FORMAT:-console} LOG_LEVEL=$${LOG_LEVEL:-WARNING} \
	DATA_DIR=$${DATA_DIR:-var/demo/data} KEY_DIR=$${KEY_DIR:-var/demo/keys}

.PHONY: help run test test-all bench load lock messages format access dependencies sbom vulnerabilities \
	debian-packages java check lint types contracts migrations translations deployable vendored
.SUFFIXES:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/installed ## a demo site at http://127.0.0.1:8000 (PORT, DATA_DIR, KEY_DIR may be set)
	@$(DEMO_SITE) exec $(BIN)/python manage.py serve --demo

test: .venv/installed-dev debian-packages check ## checks, then all tests but the slow ones, on both databases
	$(PYTEST) --database=sqlite
	$(PYTEST) --database=postgres

test-all: .venv/installed-spark $(LOAD)/installed debian-packages java ## the slow tests, on both databases
	scripts/slow_tests --database=postgres
	scripts/slow_tests --database=sqlite

bench: .venv/installed-dev debian-packages ## measures; docs/benchmarks.md keeps the figures
	$(BIN)/python -m benchmarks.run

load: .venv/installed-dev $(LOAD)/installed debian-packages ## the national day at 50,000 and 1,000,000 participants (an hour; 10 GB in LOAD_SITES)
	$(BIN)/python -m benchmarks.load fill $(LOAD_SITES)/50000 --participants 50000 --events 500000
	$(BIN)/python -m benchmarks.load fill $(LOAD_SITES)/1000000 --participants 1000000 --events 10000000
	$(BIN)/python -m benchmarks.load measure $(LOAD_SITES)/50000 $(LOAD_SITES)/1000000

# --- Checks ------------------------------------------------------------------------------------------

check: .venv/installed-dev debian-packages ## lint, types, import contracts, migrations, translations, deployment
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target \
		types lint contracts migrations translations deployable vendored

lint:
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet || { echo "Run make format."; exit 1; }

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports --no-logo

migrations deployable:
	$(BIN)/python scripts/check_site.py $@

translations:
	$(BIN)/python scripts/check_translations.py

vendored:
	[ ! -e scripts/vendor_static.py ] || $(BIN)/python scripts/vendor_static.py --check

format: .venv/installed-dev ## formats the code and mends what lint can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

messages: .venv/installed-dev debian-packages ## takes new texts into locale/ and compiles what is translated
	$(BIN)/python scripts/check_translations.py --update

# --- What we stand on --------------------------------------------------------------------------------

access: .venv/installed-dev ## writes docs/access.md: who may do what, through which address
	$(BIN)/python scripts/access.py

dependencies: .venv/installed-dev ## writes docs/dependencies.md: what a site installs, under which licences, and why
	$(BIN)/python scripts/dependencies.py

# Of an environment with nothing else in it, so that the bill has what a site gets, with licences.
sbom: $(SUPPLY)/installed ## writes build/sbom.cdx.json, the bill of materials of a site
	@$(PYTHON) -m venv --clear --without-pip build/site
	@$(UV) pip install --quiet --python build/site/bin/python --require-hashes -r requirements.txt
	@$(SUPPLY)/bin/cyclonedx-py environment --output-reproducible --output-file build/sbom.cdx.json build/site/bin/python
	@echo build/sbom.cdx.json

vulnerabilities: $(SUPPLY)/installed ## asks the public database for known weaknesses of what is locked
	$(SUPPLY)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.txt

$(SUPPLY)/installed: $(UV) requirements-supply.txt
	@$(PYTHON) -m venv --clear --without-pip $(SUPPLY)
	@$(UV) pip install --quiet --python $(SUPPLY)/bin/python --require-hashes -r requirements-supply.txt
	@touch $@

$(LOAD)/installed: $(UV) requirements-load.txt
	@$(PYTHON) -m venv --clear --without-pip $(LOAD)
	@$(UV) pip install --quiet --python $(LOAD)/bin/python --require-hashes -r requirements-load.txt
	@touch $@

# --- Packages ----------------------------------------------------------------------------------------

$(UV): requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

.venv/installed: $(UV) requirements.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

# Apache Spark is optional on a site; its tests are slow ones.
.venv/installed-spark: .venv/installed-dev requirements-spark.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-spark.txt
	@touch $@

debian-packages:
	@scripts/debian_packages

java: debian-packages
	@scripts/debian_packages --java

lock: $(UV) ## pins what requirements*.in ask for, with hashes; OPTIONS=--upgrade takes newer versions
	$(COMPILE) $(OPTIONS) requirements-uv.in -o requirements-uv.txt
	$(COMPILE) $(OPTIONS) requirements.in -o requirements.txt
	$(COMPILE) $(OPTIONS) requirements-dev.in -o requirements-dev.txt
	$(COMPILE) $(OPTIONS) requirements-spark.in -o requirements-spark.txt
	$(COMPILE) $(OPTIONS) requirements-supply.in -o requirements-supply.txt
	$(COMPILE) $(OPTIONS) requirements-load.in -o requirements-load.txt
