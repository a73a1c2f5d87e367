.PHONY: chaos setup ocr demo test check soak bench-archive bench-extract bench-discovery bench-frontier bench-parse

READY := .venv/.ready

setup: $(READY)

$(READY): pyproject.toml uv.lock setup.sh
	@./setup.sh
	@touch $@

# What reads pictures of text; 300 MB, so not for everybody.
ocr:
	@./setup.sh ocr
	@touch $(READY)

demo: setup
	@.venv/bin/gongkai demo

check: setup
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check .
	@.venv/bin/mypy

# Three at a time on two cores: many tests wait for a delay or a process more than they compute.
test: check
	@.venv/bin/pytest -n 3 --dist loadfile

bench-archive: setup
	@.venv/bin/python -u -m tests.bench.archive

bench-extract: setup
	@.venv/bin/python -m tests.bench.extract

bench-discovery: setup
	@.venv/bin/python -m tests.bench.discovery

bench-frontier: setup
	@.venv/bin/python -m tests.bench.frontier

bench-parse: setup
	@.venv/bin/python -m tests.bench.parse $(PAGES)

soak: setup
	@.venv/bin/pytest -m soak

chaos: setup
	@.venv/bin/python -m tests.bench.chaos
