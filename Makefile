# Two commands do everything: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
# PyTorch's index for your machine; for one without an NVIDIA GPU: https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
RECIPE ?= quebecois_nano
CAPS ?=
TEACHER ?= gold
# A tokenizer's file, for cards that tell lengths in tokens too.
TOKENIZER ?=
SWEEP ?= sft.training.learning_rate=1e-4,3e-4
ARGS ?=
# Tests side by side, a file each.
WORKERS ?= 2

BIN := $(VENV)/bin
PILLM := $(BIN)/python -m pillm
RUN := $(PILLM) +recipe=$(RECIPE) $(if $(CAPS),+caps=$(CAPS)) $(ARGS)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
       $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
ASK := Tu peux-tu me trouver un resto pas cher dans l'Plateau?\nRéveille-moi demain matin à six heures et quart\nRaconte-moi donc une joke

.DEFAULT_GOAL := help
.PHONY: help demo ask test lint types plan label train distill export bench report sweep docs cards clean

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18
	@echo "Variables: RECIPE=$(RECIPE) CAPS=smoke TEACHER=$(TEACHER) SWEEP=… ARGS='key=value …' WORKERS=$(WORKERS) TORCH_INDEX=… VENV=$(VENV)"

demo: $(VENV)/.ready  ## set up, run the demo recipe, ask the model three things
	@$(PILLM) +recipe=quebecois_nano $(ARGS)
	@printf '\nAsked of the shipped file:\n'
	@printf "$(ASK)\n" | $(PILLM) ask=quebecois_nano
	@printf '\nAsk more with: %s ask=quebecois_nano\n' "$(PILLM)"

test: $(VENV)/.dev lint types  ## the whole suite
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --max-worker-restart=1 $(ARGS)

lint: $(VENV)/.dev  ## ruff and the architecture test
	@$(BIN)/ruff check pillm tests bench
	@$(BIN)/python -m pytest tests/test_architecture.py

types: $(VENV)/.dev  ## mypy
	@$(BIN)/mypy

plan: $(VENV)/.ready  ## what a recipe would do, and what it costs
	@$(RUN) plan=true
label: $(VENV)/.ready  ## records to answered chats
	@$(RUN) teacher=$(TEACHER) until=label
train: $(VENV)/.ready  ## as far as the trained model
	@$(RUN) until=sft
distill: $(VENV)/.ready  ## let a teacher answer (TEACHER=openai or hf), then train on that
	@$(RUN) teacher=$(TEACHER) until=sft
export: $(VENV)/.ready  ## as far as the quantized files
	@$(RUN) until=quantize
bench: $(VENV)/.ready  ## measure the files on this machine
	@$(RUN) until=bench
report: $(VENV)/.ready  ## the whole recipe, ending in a report
	@$(RUN)
sweep: $(VENV)/.ready  ## the recipe at several values: SWEEP="sft.lora.rank=4,8,16"
	@$(PILLM) -m +recipe=$(RECIPE) $(if $(CAPS),+caps=$(CAPS)) $(SWEEP) $(ARGS)

docs: $(VENV)/.ready  ## regenerate the references and the recipe schema
	@$(BIN)/python -c 'from pathlib import Path as P; from pillm.config import editor, reference as r; \
	  P("docs/stages.md").write_text(r.stages()); P("docs/recipes.md").write_text(r.recipes()); \
	  P("schemas/recipe.schema.json").write_text(editor.text())'

cards: $(VENV)/.ready  ## count the datasets' files anew, into their cards and READMEs
	@for card in dataset/*/card.yaml; do $(PILLM) card=$$(dirname $$card) $(if $(TOKENIZER),tokenizer=$(TOKENIZER)) || exit; done

clean:  ## remove the environment (store/ and runs/ stay)
	rm -rf $(VENV)

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON): not found. Install it: apt install python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "$(PYTHON) is $$($(PYTHON) -V); pillm needs Python 3.11 to 3.13. Name another: make demo PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "venv is missing. Install it: apt install python3-venv"; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.torch: $(BIN)/python constraints.txt
	@if [ -z "$(TORCH_INDEX)" ] && [ "$$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null && \
	  ! $(BIN)/python -m pip show --quiet torch 2>/dev/null && \
	  ! $(PIP) --dry-run --no-deps --report - torch 2>/dev/null | grep -q '"version": "[0-9.]*+cpu"'; then \
	  echo "There is no NVIDIA GPU here, and plain PyTorch would bring gigabytes of CUDA. Give its index for CPUs:"; \
	  echo "  make $(or $(firstword $(MAKECMDGOALS)),demo) TORCH_INDEX=https://download.pytorch.org/whl/cpu"; exit 2; fi
	@echo "installing PyTorch …" && $(PIP) torch && touch $@

$(VENV)/.ready: $(VENV)/.torch pyproject.toml
	@echo "installing pillm …" && $(PIP) -e . && touch $@

$(VENV)/.dev: $(VENV)/.ready
	@echo "installing what the tests need …" && $(PIP) -e '.[dev,sweep,qlora]' && touch $@
