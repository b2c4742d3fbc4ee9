# The two commands are `make up` and `make test`; `make` alone lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
STACK ?= dev
TOOLCHAIN := $(PYTHON) -m tools.toolchain
# Puts the virtual environment, the toolchain and the default backend into a recipe's shell.
ACTIVATE = eval "$$($(TOOLCHAIN) env)"

.PHONY: help known smoke policy mutation up down test test-unit test-integration test-policy lint types format \
	bench toolchain env clean

help: ## list what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

up: known toolchain ## set everything up, deploy the stack (STACK=dev) and wait until all of it is healthy
	@$(ACTIVATE) && sutazai up --stack $(STACK) --yes

# Before anything is set up for it, which may take minutes.
known:
	@test -f "Pulumi.$(STACK).yaml" || { echo "stack $(STACK): there is no Pulumi.$(STACK).yaml; there are:" \
		"$$(ls Pulumi.*.yaml | sed 's/Pulumi\.//; s/\.yaml//' | paste -sd ' ')" >&2; exit 1; }

smoke: toolchain ## 500 tasks through the gateway (STACK=dev) while an agent, Redis and a backend are killed (root)
	@$(ACTIVATE) && sutazai smoke --stack $(STACK)

down: toolchain ## remove the stack; data volumes stay
	@$(ACTIVATE) && sutazai down --stack $(STACK) --yes

test: toolchain test-unit test-integration ## all tests, the ones on the real engine too

test-unit: ## tests without an engine, in under a minute
	@$(ACTIVATE) && python -m pytest tests/unit tests/policy tests/components -q -n 2

test-integration: ## tests on the real Docker engine through the real Pulumi engine
	@$(ACTIVATE) && python -m pytest tests/integration -v --durations=10

policy: toolchain ## check the stack (STACK=dev) with the policy pack: the ledger, and what breaks a rule
	@$(ACTIVATE) && events="$$(mktemp)" && trap 'rm -f "$$events"' EXIT \
		&& { PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --stack $(STACK) --policy-pack policy --json \
			> "$$events" || refused=$$?; } \
		&& PYTHONPATH=policy python -m sutazai_policy report "$$events" --title "$(STACK)" && exit "$${refused:-0}"

mutation: toolchain ## mutation testing of the policy rules (half an hour): no change of their code goes unnoticed
	@$(ACTIVATE) && UV_PROJECT_ENVIRONMENT=.venv-mutation uv sync --quiet --frozen --group mutation \
		&& .venv-mutation/bin/python -m tests.mutation

test-policy: toolchain ## each stack of the policy pack's corpus, good and bad, through the real Pulumi (some 10 min)
	@$(ACTIVATE) && CORPUS=all python -m pytest tests/integration/test_policy_corpus.py -q

lint: ## style
	@$(ACTIVATE) && ruff format --check . && ruff check . && hadolint images/*/Dockerfile

format: ## rewrite to style
	@$(ACTIVATE) && ruff format . && ruff check --fix .

types: ## static types
	@$(ACTIVATE) && mypy

bench: toolchain ## benchmarks; nothing is asserted
	@$(ACTIVATE) && python -m tests.benchmarks

toolchain: ## find, get or build Pulumi, its language host and Docker provider, the environment and an engine
	@$(TOOLCHAIN) venv
	@$(TOOLCHAIN) ensure
	@$(TOOLCHAIN) engine
	@$(ACTIVATE) && for stack in dev prod; do \
		test -n "$${PULUMI_BACKEND_URL##*$(CURDIR)/.state*}" \
		|| test -f .state/.pulumi/stacks/sutazai-infra/$$stack.json \
		|| pulumi stack init --no-select $$stack; \
	done

env: ## print what `eval "$$(make -s env)"` puts into a shell
	@$(TOOLCHAIN) env

clean: ## remove caches of the checkout (never state, never data)
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
