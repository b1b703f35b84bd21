# make run    the library on http://127.0.0.1:8000
# make test   every test, on SQLite and PostgreSQL, and in a real browser
# make drill  the races and crashes of the tests, ten times as long
# make bench  times, in the tables of docs/performance.md
# make messages  the Spanish texts in line with the code

PYTHON ?= python3
DATA_DIR ?= var
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
INSTALLED_DEV := $(VENV)/installed-dev
VNU := $(VENV)/vnu/node_modules/vnu-jar
COLLECTED := $(DATA_DIR)/static/staticfiles.json

.PHONY: run test drill bench messages format

# HTTPS=false: this server is for the browser on the same machine, which needs no certificate.
run: $(INSTALLED) $(COLLECTED)
	@export DATA_DIR=$(DATA_DIR) HTTPS=$${HTTPS:-false}; \
	$(BIN)/python manage.py prepare --sample-library && exec $(BIN)/python manage.py serve

test: $(INSTALLED_DEV)
	@if command -v npm >/dev/null && command -v java >/dev/null && [ ! -d $(VNU) ]; then \
		npm install --silent --no-audit --no-fund --prefix $(VENV)/vnu vnu-jar@26.9.27; fi
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/pytest -n auto --dist worksteal
	$(BIN)/python -m tests.with_postgres $(BIN)/pytest -n auto --dist worksteal -m "not browser"

# The races and crashes of `make test`, ten times as long: 20 editors for 50 rounds; 1,000 scheduled acts, 60 times kill -9;
# ten libraries that are edited at random, and a change that another process sees within a second; readers for 20 seconds around
# each failure, and five releases one after the other.
DRILL := DRILL_ROUNDS=50 DRILL_ACTS=1000 DRILL_KILLS=60 DRILL_LIBRARIES=10 DRILL_ROUNDS_OF_EDITS=5 DRILL_SEEN_WITHIN=1
DRILL += DRILL_SECONDS=20 DRILL_RELEASES=5 DRILL_SECONDS_OF_WRITING=75
DRILLED := tests/test_revising.py tests/test_workflow_races.py tests/test_run_due.py tests/test_review_digest.py
DRILLED += tests/test_ready_random_edits.py tests/test_ready_processes.py tests/test_changes.py
drill: $(INSTALLED_DEV)
	$(DRILL) $(BIN)/pytest $(DRILLED) tests/test_topology.py tests/test_replica.py tests/test_sqlite_under_load.py
	$(DRILL) $(BIN)/python -m tests.with_postgres $(BIN)/pytest $(DRILLED)

bench: $(INSTALLED_DEV)
	$(BIN)/python -m tests.benchmarks

messages: $(INSTALLED_DEV)
	$(BIN)/python -m tests.messages

format: $(INSTALLED_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(INSTALLED): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(COLLECTED): $(INSTALLED) $(shell find articles/static -type f)
	@echo "Collecting and compressing the static files (once, about 15 seconds) ..."
	@DATA_DIR=$(DATA_DIR) $(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@touch $@
