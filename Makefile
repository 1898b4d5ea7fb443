# Every target has one line of comment; `make help` shows them. Settings: dotenv-sample, copied to .env.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check fix bench soak test-services screenshots

PYTHON := .venv/bin/python
DATA ?= ../shared/data
# The variables of .env, for what a person starts.
WITH_ENV := set -a; [ ! -f .env ] || . ./.env; set +a;
# Tests have a data folder of their own and none of the caller's services.
FOR_TESTS := unset DATABASE_URL CELERY_BROKER_URL; export CONCORD_DATA=$(CURDIR)/.data/test;
# Runs pytest, then stops the PostgreSQL that the tests started.
define pytest
	@$(FOR_TESTS) code=0; $(PYTHON) -m pytest $(1) || code=$$?; $(PYTHON) manage.py postgres stop >/dev/null; exit $$code
endef

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## set up, start everything with the twins, tell the sample firm's story, serve on (ONCE=1: stop after the story)
	@.ci/setup run
	@$(WITH_ENV) exec $(PYTHON) manage.py up --with-twins $(if $(ONCE),--once-command,--then) run_story

test: ## all tests but soak and services, browser included, on two cores
	@.ci/setup test browser
	$(call pytest,-m "not soak and not services" -n 2 --dist worksteal)

check: ## format, lint, types, import contracts, migrations, Django's checks
	@.ci/setup test
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy mdm matching stewardship connectors
	@.venv/bin/lint-imports
	@$(FOR_TESTS) $(PYTHON) manage.py makemigrations --check --dry-run
	@$(FOR_TESTS) $(PYTHON) manage.py check
	@$(FOR_TESTS) $(PYTHON) manage.py postgres stop >/dev/null

fix: ## let ruff mend format and lint
	@.ci/setup test
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

bench: ## measure engine and hub, the engine beside its peers; prints JSON (DATA=folder of data sets)
	@.ci/setup run bench
	@$(PYTHON) bench/versus.py "$(DATA)"
	@$(PYTHON) bench/engine.py "$(DATA)"
	@$(PYTHON) bench/hub.py "$(DATA)/orgs_100k/records.parquet"

soak: ## the tests that take minutes
	@.ci/setup test browser
	$(call pytest,-m soak)

test-services: ## the tests marked services, on the PostgreSQL and the broker of DATABASE_URL and CELERY_BROKER_URL
	@.ci/setup test
	@$(PYTHON) .ci/services.py

screenshots: ## run the browser tests and keep a picture of each one's last screen in test-results/
	@.ci/setup test browser
	$(call pytest,-m browser --screenshot=on --output=test-results)
