# Everything that a clone can do. Only Python 3.11 or newer is needed; uv is used where it is installed.
# make demo ARGS="--seed 3"

PYTHON ?= python3
VENV ?= .venv
UV := $(shell command -v uv 2>/dev/null)
BIN := $(VENV)/bin

.PHONY: demo test lint bench pictures clean

demo: $(VENV)/.demo
	@$(BIN)/tellmetry demo $(ARGS)

test: python
	@$(PYTHON) tests/suite.py

lint: python
	@$(PYTHON) tests/suite.py lint

bench: python
	@$(PYTHON) -m bench

pictures: $(VENV)/.demo
	@$(BIN)/tellmetry demo --pictures docs/images

clean:
	rm -rf $(VENV) .envs dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# The package as users get it, with the clients that the demo runs; made again when pyproject.toml has changed.
$(VENV)/.demo: pyproject.toml | python
	@echo "Setting up $(VENV) (once) ..."
ifdef UV
	@$(UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --editable ".[demo]"
else
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[demo]"
endif
	@touch $@

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, $(PYTHON) is %d.%d: make PYTHON=..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
