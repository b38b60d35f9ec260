# The commands of the product. They need Python 3.11 and make; everything else comes from the package registry.
.PHONY: help install install-dev up test lint bench chaos lock
export PORT ?= 8000
# Empty is off: the first start would compile everything again in each of its processes.
export PYTHONDONTWRITEBYTECODE =
PY := .venv/bin/python
# What `check --deploy` expects of a production environment.
DEPLOYED := HTTPS=true SECRET_KEY_FILE= ALLOWED_HOSTS=customerops.example \
	SECRET_KEY=only-for-the-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile

install: ## make .venv
	@bin/environment requirements.txt

install-dev:
	@bin/environment requirements-dev.txt

up: install ## start everything on PORT (8000)
	@$(PY) manage.py up

lint: install-dev ## format, style, types, layers, migrations, settings
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m ruff check --quiet .
	@$(PY) -m mypy .
	@.venv/bin/lint-imports
	@$(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run # without a database
	@$(DEPLOYED) $(PY) manage.py check --deploy --fail-level WARNING

test: lint ## lint, then every test on throw-away servers, a set of them for each processor
	@$(PY) -m pytest -n auto --dist worksteal

bench: install-dev ## benchmarks, side by side with the peers found
	@$(PY) -m benchmarks

chaos: install-dev ## five minutes of kill -9 while follow-ups are sent: none is lost, none is doubled
	@$(PY) -m benchmarks.chaos

lock: install-dev ## compile requirements*.in again
	@$(PY) -m pip install --quiet --require-hashes -r bin/uv.txt
	@$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --quiet requirements.in -o requirements.txt
	@$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --quiet requirements-dev.in -c requirements.txt -o requirements-dev.txt
