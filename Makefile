# Mainstay. `make run` is all that a bare machine needs; every target sets up what it needs by itself.
.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench screenshots

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.setup-run
DEV_STAMP := $(VENV)/.setup-dev
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:
	@echo "make run          start everything; HOST, PORT and MAINSTAY_HOME may be given"
	@echo "make test         all tests, in a real browser too where there is one"
	@echo "make lint         everything that tools hold"
	@echo "make bench        figures of speed"
	@echo "make screenshots  pictures for the README"
	@echo "make setup        only the virtual environment"

setup: $(RUN_STAMP)

$(RUN_STAMP): requirements.txt constraints.txt deploy/setup.sh
	@PYTHON="$(PYTHON)" deploy/setup.sh requirements.txt "$@"

$(DEV_STAMP): requirements-dev.txt $(RUN_STAMP)
	@PYTHON="$(PYTHON)" deploy/setup.sh requirements-dev.txt "$@"

# exec: signals reach the supervisor itself.
run: $(RUN_STAMP)
	@exec $(BIN)/python -m config.supervisor run --end-with-parent

test: $(DEV_STAMP)
	@exec deploy/test.sh $(ARGS)

lint: $(DEV_STAMP)
	@exec deploy/lint.sh

bench: $(DEV_STAMP)
	@exec $(BIN)/python -m bench

screenshots: $(DEV_STAMP)
	@exec $(BIN)/python -m bench.screenshots
