# `make map` and `make test` work from nothing: Python >= 3.11 and make are all they ask for.
# Choose another interpreter with `make map PYTHON=python3.13`.
PYTHON ?= python3
UV ?= uv
PYTEST_ARGS ?=
# Tests are shared out over all cores; `make test WORKERS=0` runs them in one process.
WORKERS ?= auto

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip -qq --disable-pip-version-check --no-input
# -qq shows errors only. Hashes pin every file; wheels only, so that no unpinned build tool runs behind our back.
PIP_LOCKED := $(PIP) install --require-hashes --only-binary :all: --requirement
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UV_FLAGS)
BENCHMARKS := $(wildcard benchmarks/bench_*.py)
PYTEST = $(PY) -m pytest --numprocesses $(WORKERS) --dist worksteal
BROWSER = browser="$$($(PY) scripts/provide_browser.py)" && SCO_GEO_BROWSER="$$browser"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup setup-test setup-bench map test test-full bench screenshot lint lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

map: setup ## Build the map into build/eurasian-connectivity.html
	@$(PY) build_map.py

test: setup-test ## Run the tests, the browser walk included (PYTEST_ARGS="-k name" narrows them)
	@$(BROWSER) $(PYTEST) $(PYTEST_ARGS)

test-full: setup-test ## Run the tests and those marked `full`
	@$(BROWSER) $(PYTEST) -m "full or not full" $(PYTEST_ARGS)

bench: setup-bench ## Run the benchmarks
	@$(if $(BENCHMARKS),,echo "no benchmarks/bench_*.py yet")
	@$(foreach file,$(BENCHMARKS),$(BROWSER) $(PY) $(file) &&) true

screenshot: map setup-test ## Build the map and take its picture
	@$(BROWSER) $(PY) scripts/screenshot.py

lint: setup-test ## Check style and types
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

lock: ## Compile the locks anew (needs uv; UV_FLAGS=--upgrade for newer versions)
	@$(COMPILE) pyproject.toml --group build --output-file requirements/map.txt
	@$(COMPILE) pyproject.toml --group build --group test --group lint \
		--constraint requirements/map.txt --output-file requirements/test.txt
	@$(COMPILE) pyproject.toml --group bench \
		--constraint requirements/test.txt --output-file requirements/bench.txt

clean: ## Remove the virtual environment, the map and all caches
	rm -rf $(VENV) build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(VENV)/.project ## Make .venv with what the map needs

setup-test: $(VENV)/.project $(VENV)/.test-lock ## Make .venv with what the tests need too

setup-bench: setup-test $(VENV)/.bench-lock ## Make .venv with what the benchmarks compare with too

# Stamps, newest last. A changed lock starts from an empty .venv, so nothing stale stays in it.
$(VENV)/.map-lock: requirements/map.txt requirements/test.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "sco_geo needs Python 3.11 or newer; try: make PYTHON=python3.13" >&2; exit 1; }
	@echo "Setting up $(VENV)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP_LOCKED) requirements/map.txt
	@touch $@

$(VENV)/.test-lock: $(VENV)/.map-lock
	@echo "Adding the test tools to $(VENV)"
	@$(PIP_LOCKED) requirements/test.txt
	@touch $@

$(VENV)/.bench-lock: $(VENV)/.test-lock requirements/bench.txt
	@echo "Adding what the benchmarks need to $(VENV)"
	@$(PIP_LOCKED) requirements/bench.txt
	@touch $@

$(VENV)/.project: $(VENV)/.map-lock pyproject.toml
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@
