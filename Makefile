# Everything here needs python3 (3.11 or later), make and a package registry; nothing else has to be installed first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SITE_READY := $(VENV)/.site-ready
EXTRAS := dev,dask,calibrate,decide,view,xarray
STAMP := $(shell date +%Y-%m-%d_%H-%M-%S)
OUT ?= outputs/baseline/$(STAMP)
TEST_WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run figure view deciding test lint bench validate docs site constraints clean help

run: $(READY)  ## the baseline under four arms, compared
	$(BIN)/offramp sweep experiment=four_arms hydra.run.dir=$(OUT)
	$(BIN)/offramp compare $(OUT)

figure: run  ## the same, and the figure of the README renewed
	cp $(OUT)/figures/incidence.png docs/figures/baseline.png

view: $(READY)  ## explore in the browser: levers, distributions, one crisis day by day
	$(BIN)/offramp view

DECIDING ?= outputs/deciding/$(STAMP)
ARMS := none,placebo,russia_2020,facilitation,formulation,manipulation,peacekeepers
deciding: $(READY)  ## the runs behind docs/deciding.md, and its figures and answers renewed
	$(BIN)/offramp search experiment=search_mediation hydra.run.dir=$(DECIDING)/search_mediation
	$(BIN)/offramp search experiment=search_population hydra.run.dir=$(DECIDING)/search_population
	$(BIN)/offramp sweep -m experiment=robust_arms talks=none,hotline mediation=$(ARMS) hydra.sweep.dir=$(DECIDING)/robust_arms
	$(BIN)/offramp compare $(DECIDING)/robust_arms --robust --metric calm_14,typical_deaths --threshold 'calm_14 >= 0.5'
	$(BIN)/offramp sweep experiment=discover_relapse hydra.run.dir=$(DECIDING)/discover_relapse
	$(BIN)/offramp discover $(DECIDING)/discover_relapse --where 'days_to_calm <= 60' --outcome 'relapse_day - days_to_calm <= 60'
	$(BIN)/python -m tests.update_deciding $(DECIDING)

test: $(READY)  ## every test but the slow ones, which are for validate
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile

lint: $(READY)  ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY)  ## speed, as ratios in one run
	$(BIN)/python -m benchmarks

validate: $(READY)  ## calibration targets, interval coverage, fault injection (slow)
	$(BIN)/offramp validate --write docs/validation.md
	$(BIN)/python -m pytest -q -m slow

docs: $(READY)  ## write the generated parts of docs/ anew
	$(BIN)/python -m tests.update_documents

site: $(SITE_READY)  ## the documents and the public names as pages that open without a network, in site/
	PYTHONPATH=. $(BIN)/mkdocs build
	@echo site/index.html

# A stamp, so that set-up happens once and again only when what is to be installed has changed.
$(READY): constraints.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --constraint constraints.txt --editable '.[$(EXTRAS)]'
	touch $@

$(SITE_READY): $(READY)
	$(BIN)/python -m pip install -qq --constraint constraints.txt --editable '.[site]'
	touch $@

constraints: $(SITE_READY)  ## pin what is installed now, the extra mesa-view included
	$(BIN)/python -m pip install -qq --constraint constraints.txt --editable '.[mesa-view]'
	{ grep '^#' constraints.txt; $(BIN)/python -m pip freeze --all --exclude-editable --exclude pip | sort -f; } > $(VENV)/pins
	mv $(VENV)/pins constraints.txt

clean:  ## remove what tests and builds leave behind (results stay)
	rm -rf build dist site *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/'
