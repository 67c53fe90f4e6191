# The verbs of this project. PORT and every VIBEVARIANT_ variable pass through; see .env.example.
.DEFAULT_GOAL := help
.PHONY: help run test test-all bench lock clean

help: ## show the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: ## set up what is needed and start with example data, on http://localhost:8000 (PORT=...)
	@scripts/setup.sh run
	@exec .venv/bin/vibevariant serve --demo --data-dir "$${VIBEVARIANT_DATA_DIR:-.data}"

test: ## everything that must hold: lint, types, tests, architecture, end to end
	@scripts/setup.sh dev
	@.venv/bin/python scripts/check.py

test-all: ## the same with the long versions (under 80 minutes)
	@scripts/setup.sh dev
	@.venv/bin/python scripts/check.py --long

bench: ## measure requests a second and start-up on this machine
	@scripts/setup.sh dev
	@.venv/bin/python -m bench

lock: ## take the newest allowed versions into both locks
	@scripts/lock.sh

clean: ## remove what the other verbs made (your data in .data stays)
	rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
