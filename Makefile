# The verbs of this project. PORT and every VIBEVARIANT_ variable pass through; see .env.example.
.DEFAULT_GOAL := help
.PHONY: help run page test test-all bench types binary lock clean

help: ## show the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: ## set up what is needed and start with example data, on http://localhost:8000 (PORT=...)
	@scripts/setup.sh run
	@exec .venv/bin/vibevariant serve --demo --data-dir "$${VIBEVARIANT_DATA_DIR:-.data}"

page: ## build the page from web/ and sdk-js/, as run, test and every package do by themselves
	@scripts/setup.sh run

test: ## everything that must hold: lint, types, tests, architecture, end to end
	@scripts/setup.sh dev
	@.venv/bin/python scripts/check.py

test-all: ## the same with the long versions (under 80 minutes)
	@scripts/setup.sh dev
	@.venv/bin/python scripts/check.py --long

bench: ## measure requests a second and start-up on this machine
	@scripts/setup.sh dev
	@.venv/bin/python -m bench

types: ## take the API's description into the page's types, web/src/api/api.d.ts
	@scripts/setup.sh dev
	@.venv/bin/python scripts/api_types.py

binary: ## build the executable for this kind of machine into dist/, as one file and as one folder
	@scripts/setup.sh dev
	@.venv/bin/python packaging/binary.py

lock: ## take the newest allowed versions of the Python packages into their locks
	@scripts/lock.sh

clean: ## remove what the other verbs made (your data in .data stays)
	rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
	rm -rf .page vibevariant/dashboard sdk-js/dist sdk-js/node_modules web/node_modules
