# Everything is set up by the targets themselves, in .venv, at the versions in constraints.txt.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet -c constraints.txt
PORT ?= 3000
WORKERS ?= 2

.PHONY: help demo ui test test-slow lint docs clean

help: ## Show the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.demo ## Install, then run the whole platform on the demo fleet.
	@$(BIN)/epyc demo

ui: $(VENV)/.demo ## Start the Dagster UI and daemon on 127.0.0.1:3000 (PORT=...).
	@$(BIN)/python -m epyc_assets.cli.ui --port $(PORT)

test: $(VENV)/.development ## Run the test suite.
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile -m "not slow"

test-slow: $(VENV)/.development ## Run the slower checks too.
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

lint: $(VENV)/.development ## Check style and types.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright

docs: $(VENV)/.development ## Write the table and command references again.
	@$(BIN)/python -m epyc_assets.cli.references docs

clean: ## Remove the virtual environment and everything the platform wrote under data/var.
	rm -rf $(VENV) data/var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version). Name another with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.llama: constraints.txt | $(VENV)/bin/python
	@command -v c++ > /dev/null || { echo "A C/C++ compiler is needed: apt install build-essential"; exit 1; }
	@echo "Installing llama-cpp-python. It is compiled from source: some 5 to 15 minutes on two cores, once."
	@: > $(VENV)/llama.log; \
	CMAKE_BUILD_PARALLEL_LEVEL=$$(nproc) $(PIP) install -v -c constraints.txt llama-cpp-python > $(VENV)/llama.log 2>&1 & \
	job=$$!; \
	while kill -0 $$job 2> /dev/null; do \
		step=$$(grep -oE '\[[0-9]+/[0-9]+\]' $(VENV)/llama.log | tail -n 1 || true); \
		if [ "$$step" != "$${last:-}" ] && [ $$((SECONDS % 5)) -eq 0 ]; then \
			echo "  compiling llama.cpp $$step, $$SECONDS s"; last=$$step; fi; \
		sleep 1; \
	done; \
	wait $$job || { tail -n 40 $(VENV)/llama.log; echo "llama-cpp-python did not install; all of it: $(VENV)/llama.log"; exit 1; }
	@touch $@

$(VENV)/.demo: pyproject.toml constraints.txt $(VENV)/.llama
	@command -v bwrap > /dev/null || echo "No bubblewrap here: code questions are not scored until you apt install bubblewrap"
	@echo "Installing the platform and the Dagster UI."
	@$(INSTALL) -e '.[ui,plots,llama]'
	@touch $@

$(VENV)/.development: $(VENV)/.demo
	@echo "Installing what tests, lint and training need (torch among it)."
	@$(INSTALL) -e '.[ui,plots,llama,xllamacpp,train,development]'
	@touch $@
