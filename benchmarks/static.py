"""The static part of `verify-apis` alone: find the modules of a package, read what each advertises, import nothing.

python benchmarks/static.py requests --python .venvs/bench/bin/python
"""

from __future__ import annotations

import argparse
import gc
import sys
from functools import partial

from verifier.apis.cache.ahead import sources_of
from verifier.apis.cache.facts import FactsCache
from verifier.apis.configured import configured
from verifier.apis.library import Library
from verifier.apis.look import finder_of
from verifier.apis.runner import ask
from verifier.apis.source import load_observer
from verifier.apis.surface import read_surfaces
from verifier.apis.targets.modules import find_modules
from verifier.config import Config


def main() -> int:
    """Read the package and say how many APIs it advertises."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("package")
    options.add_argument("--python", required=True)
    given = options.parse_args()
    gc.disable()  # as the tool does
    asking = partial(ask, meanwhile=load_observer)
    with configured(given.package, Config(python=given.python), asking) as (target, config):
        finder = finder_of(target)
        modules = find_modules(target).modules
        facts = FactsCache(None)
        facts.read_ahead(tuple(sources_of(modules)), config.jobs)
        surfaces = read_surfaces(Library(modules, finder, facts.read), modules).surfaces
    print(sum(len(surface.symbols) for surface in surfaces.values()), "APIs")
    gc.freeze()
    return 0


if __name__ == "__main__":
    sys.exit(main())
