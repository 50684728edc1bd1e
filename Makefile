# `make demo` and `make test` set up everything themselves, on a machine with Python >= 3.11 and git.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: demo test slow fuzz cluster-tools e2e lint docs bless wheels bench profile clean

demo: $(VENV)/.runtime
	$(BIN)/onboard demo

test: $(VENV)/.test
	$(BIN)/pytest -n auto

# What takes minutes: more comparisons with kustomize and kubectl, symlinks of every kind, fleets for the benchmarks.
slow: $(VENV)/.test
	$(BIN)/pytest -n auto tests/slow

# Spoilt bytes into everything that reads. It ends with what it did, or with the input that broke something.
fuzz: $(VENV)/.test
	$(BIN)/python -m tests.slow.fuzzing $(or $(SECONDS),600) $(SEED)

# Kubernetes, kubectl, kwok, Argo CD and kustomize, built from source into ~/.cache: about 9 minutes, once. `make e2e` does it, too.
cluster-tools: $(VENV)/.test
	$(BIN)/python -m tests.cluster.tools

e2e: $(VENV)/.test
	$(BIN)/pytest tests/e2e

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --quiet --offline --persona pedantic action.yml .github/workflows repo-template/.github/workflows

# All of it takes most of an hour. `make bench ONLY=render,diff` measures some anew, `APIS=400` a small fleet that no
# result comes from.
bench: $(VENV)/.test
	@$(BIN)/python renderer/hatch_build.py >/dev/null
	@$(BIN)/python -m benchmarks.run --only '$(ONLY)' --apis $(or $(APIS),10000)

# By this Go's compiler knows what the renderer does most. For a new kustomize or a new Go; then commit renderer/default.pgo.
profile: $(VENV)/.test
	$(BIN)/python -m benchmarks.profile

docs: $(VENV)/.test
	$(BIN)/python docs/build.py

bless: $(VENV)/.test
	$(BIN)/pytest tests/test_golden.py --bless

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed, and none was found" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "make: on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lint]'
	@touch $@

# One wheel per platform, each with its renderer: all are built here. `make wheels TARGETS=linux/arm64 DIST=out` builds one.
DIST := dist
TARGETS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64
wheels: $(BIN)/python
	@for target in $(TARGETS); do \
	  ONBOARD_TARGET=$$target $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w '$(DIST)' . || exit; done

clean:
	rm -rf $(VENV) renderer/.build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
