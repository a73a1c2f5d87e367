.PHONY: setup demo test check soak bench-archive bench-parse

READY := .venv/.ready

setup: $(READY)

$(READY): pyproject.toml uv.lock setup.sh
	@./setup.sh
	@touch $@

demo: setup
	@.venv/bin/gongkai demo

check: setup
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check .
	@.venv/bin/mypy

test: check
	@.venv/bin/pytest

bench-archive: setup
	@.venv/bin/python -m tests.bench.archive

bench-parse: setup
	@.venv/bin/python -m tests.bench.parse $(PAGES)

soak: setup
	@.venv/bin/pytest -m soak
