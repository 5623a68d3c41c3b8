# Every target sets up .venv by itself; no root, no compiler, Python 3.11 or newer.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PORT   ?= 8000
PUBLIC_PORT ?= 8010
DESK_PORT   ?= 8020
JOBS ?= 2

.PHONY: help setup run samples serve test lint format bench fuzz clean
help:           ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup: $(STAMP) ## make .venv with the tested versions
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Perisai needs Python 3.11 or newer; set PYTHON=python3.12, say") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Perisai and its tested parts into $(VENV) (about 1 GB; a minute or two)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: setup      ## GIF search and demo page (127.0.0.1:8000), public page (8010) and desk (8020), with sample data
	@$(BIN)/python examples/run_house.py --port $(PORT) --public-port $(PUBLIC_PORT) --desk-port $(DESK_PORT)

samples: setup  ## screen a folder of sample media and say where the report is
	@$(BIN)/python examples/run_samples.py build/samples

serve: setup    ## the GIF search and the upload check over your own catalogue
	$(BIN)/perisai serve

test: setup     ## the whole test suite, in JOBS processes; DATABASE=both: the desk on PostgreSQL, too
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal --durations 25 $(if $(DATABASE),--database=$(DATABASE))

lint: setup     ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup   ## let ruff format and sort
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup    ## measure beside the named peers; writes docs/benchmarks.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench,nudenet]'
	$(BIN)/python -m bench.run

fuzz: setup     ## 200,000 mutated files through the decoder
	$(BIN)/python fuzz/fuzz_media.py --mutate 200000

clean:          ## remove what the targets made
	rm -rf build .venv
