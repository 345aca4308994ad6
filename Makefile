# Needs Python 3.11+ and make. `.venv` is built from the lock files on first use.
# The first that really runs and is new enough: version managers put names on the path that do not.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
RUN_STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev
POLICIES_STAMP := .venv/policies/.installed
AUDIT_STAMP := .venv/audit/.installed
# Compiled once here, so that no first start spends a gigabyte and a minute on it; wheels and images carry it along.
GAZETTEER_STAMP := .venv/.gazetteer
GAZETTEER_SOURCES := $(wildcard services/wiredesk/roles/geotag/*.py services/wiredesk/roles/geotag/data/*.tsv)
FEEDS ?=
# `make check` runs the tests of the house and of the deployment files.
TESTS ?= tests --ignore=tests/house --ignore=tests/deploy
AT_ONCE ?= 2

.PHONY: help install run demo check test faults audit bench eval lock image trial schemas format

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: $(GAZETTEER_STAMP) ## wiredesk into .venv, with the locked versions and the table of places compiled

run: $(GAZETTEER_STAMP) ## every role in one process: the example feeds and rules, or make run FEEDS="URL …"
	$(BIN)/wiredesk run $(if $(FEEDS),$(foreach url,$(FEEDS),--feed $(url)),--feeds deploy/feeds.example.toml \
	  --rules deploy/rules.example.toml)

check: $(DEV_STAMP) $(POLICIES_STAMP) ## format, lint, types, import contracts, house tests, deployment files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/house tests/deploy

test: $(DEV_STAMP) $(GAZETTEER_STAMP) ## everything but the long kill storms, against real servers
	$(BIN)/pytest -q -n $(AT_ONCE) --dist loadfile $(TESTS) -m "not faults"

faults: $(DEV_STAMP) $(GAZETTEER_STAMP) ## kill storms and soaks: long
	$(BIN)/pytest -q tests -m faults

audit: $(AUDIT_STAMP) ## known faults of what is locked, from the public list; says so where that cannot be had
	@for lock in requirements.lock requirements-dev.lock; do \
	  .venv/audit/bin/pip-audit --disable-pip --require-hashes --progress-spinner off -r $$lock >.venv/audit/found 2>&1; status=$$?; \
	  if grep -q "^Found .* known vulnerabilit" .venv/audit/found; then cat .venv/audit/found; exit 1; fi; \
	  if [ $$status -ne 0 ] || grep -q "could not be audited" .venv/audit/found; then \
	    echo "!!! NOT AUDITED: $$lock, as the list of known faults cannot be had here: .venv/audit/found" >&2; \
	  else cat .venv/audit/found; fi; \
	done

bench: $(DEV_STAMP) $(GAZETTEER_STAMP) ## speed, one table of both modes
	$(BIN)/python -m tests.bench

eval: $(DEV_STAMP) ## quality on evaluation data: make eval NAME=feeds DATA=DIR
	$(BIN)/python -m tests.eval.$(NAME) $(DATA)

lock: $(DEV_STAMP) ## lock files anew, with hashes and without index addresses
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --quiet --upgrade --python-version 3.11 pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --quiet --upgrade --python-version 3.11 pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --quiet --upgrade --python-version 3.11 --group policies -o requirements-policies.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --quiet --upgrade --python-version 3.11 --group audit -o requirements-audit.lock

schemas: $(DEV_STAMP) ## deploy/asyncapi anew from the events
	$(BIN)/python -m tests.house.schemas

format: $(DEV_STAMP) ## apply format and safe lint fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

image: $(DEV_STAMP) ## the container image, with docker or buildah; on a stand-in base where none can be pulled
	$(BIN)/python -m tests.deploy.image

trial: $(DEV_STAMP) ## the image on a stand-in base, built and run read-only as uid 10001
	$(BIN)/python -m tests.deploy.image --stand-in
	$(BIN)/python -m tests.deploy.trial

demo: $(GAZETTEER_STAMP) ## an invented press through the whole pipeline, and the balance
	$(BIN)/wiredesk demo

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "wiredesk needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN_STAMP): requirements.lock pyproject.toml services/wiredesk/__init__.py | .venv/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(GAZETTEER_STAMP): $(RUN_STAMP) $(GAZETTEER_SOURCES)
	$(BIN)/wiredesk gazetteer build --packaged
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

$(POLICIES_STAMP): requirements-policies.lock | .venv/bin/python
	.venv/bin/python -m venv .venv/policies
	.venv/policies/bin/python -m pip install --quiet --require-hashes -r requirements-policies.lock
	@touch $@

$(AUDIT_STAMP): requirements-audit.lock | .venv/bin/python
	.venv/bin/python -m venv .venv/audit
	.venv/audit/bin/python -m pip install --quiet --require-hashes -r requirements-audit.lock
	@touch $@
