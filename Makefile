# `make` alone lists the commands. PYTHON=python3.12 chooses the Python that .venv is made of.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check --no-input
APP_READY := $(VENV)/.app-ready
TESTS_READY := $(VENV)/.tests-ready
RELAY := .venv-relay
RELAY_READY := $(RELAY)/.ready

.DEFAULT_GOAL := help
.PHONY: help run test test-crash test-relay check format bench bench-load screenshots clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s%s\n", $$1, $$2 }'

run: $(APP_READY) ## install what is missing, then serve the page on http://127.0.0.1:7860
	@$(PY) app.py

test: $(TESTS_READY) ## install what is missing, a Chromium included, then run every test (ARGS="-k words" for some)
	@$(PY) -m tests.chromium
	@$(PY) -m tests.postgres
	@PYTHONHASHSEED=0 $(PY) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

test-crash: $(TESTS_READY) ## kill the app two hundred times at every step of a save (some minutes)
	@CRASH_ROUNDS=200 $(PY) -m pytest --timeout=0 tests/edit_studio/test_crashes.py

test-relay: $(TESTS_READY) $(RELAY_READY) ## edit through LiteLLM, a relay nobody here wrote (installs it once, 700 MB, in .venv-relay)
	@$(PY) -m tests.relay $(RELAY)/bin/litellm

check: $(TESTS_READY) ## lint, format and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

format: $(TESTS_READY) ## put the code into its format and mend what the linter can
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

bench: $(TESTS_READY) ## measure speed against the official SDKs
	@$(PY) -m bench; speed=$$?; $(PY) -m bench.history && exit $$speed

bench-load: $(TESTS_READY) ## load the app beside a naive one, fifty minutes on Linux (ARGS=--quick: some minutes)
	@$(PY) -m bench.load $(ARGS)

screenshots: $(TESTS_READY) ## take the pictures of the page in assets/screenshots
	@$(PY) -m tests.chromium
	@$(PY) -m tests.screenshots

clean: ## remove .venv and the caches; your pictures, history and .env stay
	@rm -rf $(VENV) $(RELAY) .mypy_cache .ruff_cache .pytest_cache .hypothesis .gradio
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --clear, because a .venv without its python is left over from a Python that is gone.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Edit Studio needs Python 3.11 or newer, and $(PYTHON) is not. Name another: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || \
		{ rm -rf $(VENV); echo "Python could not make $(VENV). On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# A stamp is touched only after pip has ended well, so a broken install is done again the next time.
$(APP_READY): requirements.txt | $(PY)
	@echo "Installing what the app needs (once, about a minute) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(TESTS_READY): requirements-dev.txt requirements.txt | $(PY)
	@echo "Installing what the tests need (once, about a minute) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $(APP_READY) $@

$(RELAY_READY): requirements-relay.txt
	@echo "Installing LiteLLM (once, about three minutes) ..."
	@$(PYTHON) -m venv --clear $(RELAY)
	@$(RELAY)/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-compile -r requirements-relay.txt
	@touch $@
