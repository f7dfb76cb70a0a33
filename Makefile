# Every target does its own set-up in this folder: the tool in .venv, what it is tried on in .venvs. Nothing global.
#
#   make run                                    the tool on a pinned `requests`, and `enrich` on a copy of fixtures/monorepo
#   make run TARGET=./mypackage                 on anything else: a folder, a wheel, an installed package …
#   make run TARGET=yaml PYTHON=path/to/python  … of that interpreter
#   make test T=tests/unit/apis                 some of the tests
#   make gates                                  the tool on itself, with what `make test` has measured
#   make bench RUNS=1 PACKAGES=requests,django  some of the packages, fewer runs; WAYS="cold,fresh interpreters" for some ways
#   make labels LABELS=path/to/folder          on sections of your own
#   make bench KEEP=1 PACKAGES=sympy            adds to what was measured before, on this machine
#   make bench README=1                         the tables of README.md, the raw times in benchmarks/results

PYTHON_TOOL = python3
TARGET = requests
PYTHON = $(if $(filter requests,$(TARGET)),.venvs/target/bin/python)
T = tests
PACKAGES =
SAMPLE =
NAMES = 2000
RUNS = 5
WAYS =
KEEP =
README =
SIZES = 100,1000,10000
MODULES = 2000
COUNT = 1000000
SEQUENCES = 2000
LABELS =

BIN = .venv/bin
MEASURED = .venvs/measured
COVERED = --cov verifier --cov-report json:$(MEASURED)/coverage.json --junit-xml $(MEASURED)/junit.xml
OWN = .venvs/own
AS_OWN = VIRTUAL_ENV=$(CURDIR)/.venv PATH=$(CURDIR)/.venv/bin:$$PATH
READY = .venv/ready
PIP = -m pip --quiet --disable-pip-version-check install

.PHONY: run monorepo dev lint test gates golden docs bench bench-growth bench-enrich bench-many truth truth-many labels fuzz sequences clean

# Findings (exit code 1) are a result, not a broken run; every other code is passed on as a failure.
run: $(READY) $(if $(filter .venvs/target/bin/python,$(PYTHON)),.venvs/target/ready)
	$(BIN)/verify-apis $(TARGET) $(if $(PYTHON),--python $(PYTHON)) || test $$? -eq 1
	$(if $(filter requests,$(TARGET)),@$(MAKE) --no-print-directory monorepo)

# So is that a module was refused (exit code 2): one of them has an empty manifest.
monorepo: $(READY)
	@rm -rf .venvs/monorepo && mkdir -p .venvs && cp -R fixtures/monorepo .venvs/monorepo
	$(BIN)/enrich migrate --all --root .venvs/monorepo > .venvs/migrated.txt || test $$? -eq 2
	@tail -n 1 .venvs/migrated.txt
	$(BIN)/enrich --all --root .venvs/monorepo || test $$? -eq 2

dev: $(READY)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(READY)
	@mkdir -p $(MEASURED)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(if $(filter tests,$(T)),$(COVERED)) $(T)

# In a copy: what is measured is written into the manifest there, and is no part of a commit.
gates: $(READY)
	@test -f $(MEASURED)/coverage.json || { echo "nothing was measured yet: make test"; exit 1; }
	@rm -rf $(OWN) && mkdir -p $(OWN)
	@git ls-files -z --cached --others --exclude-standard | tar --null --files-from - --create | tar --extract --directory $(OWN)
	@cp $(MEASURED)/coverage.json $(MEASURED)/junit.xml $(OWN)/.manifests
	@$(AS_OWN) enrich --all --check --root $(OWN)
	@$(AS_OWN) enrich bench --all --root $(OWN)
	@$(AS_OWN) enrich observe --all --root $(OWN)
	@$(AS_OWN) enrich gates --also text=$(OWN)/gates.txt --root $(OWN)
	@$(AS_OWN) enrich score --root $(OWN)
	@head -n 1 $(OWN)/gates.txt | grep -qxFf - README.md || { echo "README.md says something else"; exit 1; }

golden: $(READY)
	$(BIN)/python -m pytest tests/golden tests/e2e/test_hostile.py tests/unit/manifests/test_generations.py \
		tests/unit/manifests/test_manifest_docs.py --golden

docs: $(READY)
	$(BIN)/python docs/generate.py

bench: $(READY) .venvs/bench/ready
	$(BIN)/python benchmarks/bench.py --python .venvs/bench/bin/python --runs $(RUNS) --json .venvs/bench.json \
		$(if $(PACKAGES),--packages $(PACKAGES)) $(if $(WAYS),--ways "$(WAYS)") \
		$(if $(KEEP),--keep) $(if $(README),--write-readme)

bench-growth: $(READY)
	$(BIN)/python benchmarks/growth.py --sizes $(SIZES) --runs $(RUNS) --json .venvs/growth.json \
		$(if $(README),--write-readme)

bench-enrich: $(READY)
	$(BIN)/python benchmarks/monorepo.py --sizes $(MODULES) --runs $(RUNS) --json .venvs/monorepo.json \
		$(if $(README),--write-readme)

bench-many: RUNS = 1
bench-many: $(READY) .venvs/many/ready
	$(BIN)/python benchmarks/many.py --python .venvs/many/bin/python --runs $(RUNS) --json .venvs/many.json

truth: $(READY) .venvs/truth/ready
	$(BIN)/python benchmarks/truth.py --python .venvs/truth/bin/python \
		$(if $(PACKAGES),--packages $(PACKAGES)) $(if $(SAMPLE),--sample $(SAMPLE),--save)

truth-many: $(READY) .venvs/many/ready
	$(BIN)/python benchmarks/truth.py --python .venvs/many/bin/python --all-installed --names $(NAMES)

fuzz: $(READY)
	$(BIN)/python benchmarks/fuzz.py --count $(COUNT) < /dev/null

labels: $(READY)
	$(BIN)/python benchmarks/labels.py $(LABELS)

sequences: $(READY)
	SEQUENCES=$(SEQUENCES) $(BIN)/python -m pytest -n 2 tests/property/test_cache.py

clean:
	rm -rf .venv .venvs build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# The pip that comes with Python 3.11 knows no dependency groups: take the pinned one first. Nothing but the last line
# leaves bytecode of the sandbox, which runs with -B; where pip installs the tool it does.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON_TOOL) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer: make PYTHON_TOOL=python3.12 ...")'
	$(PYTHON_TOOL) -m venv .venv
	$(BIN)/python $(PIP) --constraint constraints.txt pip
	$(BIN)/python $(PIP) --constraint constraints.txt --build-constraint constraints.txt --group dev --editable .
	$(BIN)/python -m compileall -q sandbox
	touch $@

.venvs/target/ready: benchmarks/constraints.txt
	$(PYTHON_TOOL) -m venv .venvs/target
	.venvs/target/bin/python $(PIP) --constraint $< requests
	touch $@

# Without their dependencies: 500 packages that all agree on versions would be other packages every month.
.venvs/many/ready: benchmarks/many-packages.txt
	$(PYTHON_TOOL) -m venv .venvs/many
	.venvs/many/bin/python $(PIP) --no-deps --requirement $<
	touch $@

.venvs/%/ready: benchmarks/%-packages.txt benchmarks/constraints.txt
	$(PYTHON_TOOL) -m venv .venvs/$*
	.venvs/$*/bin/python $(PIP) --requirement $<
	touch $@
