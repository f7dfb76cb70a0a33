"""The command `verify-apis`: parse, call, print, exit."""

import sys
from contextlib import closing, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from msgspec.structs import replace

from verifier.cli import cache, ending
from verifier.cli.show import Progress, ReaderGone, Show, write
from verifier.config import JOBS, MEMORY, MIN_DOC, TIMEOUT, Asked, Given, Range, Said
from verifier.config.places import cache_folder
from verifier.errors import Exit, UserError
from verifier.model import Outcome
from verifier.resources import tool_version

EPILOG = """
\b
Examples:
  verify-apis requests                             an installed package
  verify-apis django.db --python .venv/bin/python  a part of one, in another environment
  verify-apis ./src                                a folder: a package or a project
  verify-apis dist/demo-1.0-py3-none-any.whl       a wheel, before it is released; ./dist: all that are there
  verify-apis -r requirements.txt                  what a file requires, as it is installed
  verify-apis --all-installed --python .venv       an environment
  verify-apis cache info                           what is kept between runs; `cache clear` removes it

\b
Exit codes:
  0   nothing to object
  1   a finding
  2   bad usage, input or configuration
  3   nothing to check: no such target, or no public API
  4   confinement was required and is missing
  70  a bug of ours
  130 interrupted
"""


class Format(StrEnum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"


class IsolationLevel(StrEnum):
    """How much confinement is required."""

    AUTO = "auto"
    KERNEL = "kernel"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def _number(metavar: str, limits: Range, told: str, *names: str) -> Any:
    """An option for a number within limits."""
    return typer.Option(*names, min=limits.least, max=limits.most, metavar=metavar, help=told)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"verify-apis {tool_version()}")
        raise typer.Exit(Exit.OK)


@app.command(epilog=EPILOG)
def command(  # noqa: PLR0913, PLR0917  one parameter an option
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help="An import or distribution name, a dotted part, a folder, a wheel, or a folder of wheels.",
            show_default=False,
        ),
    ] = None,
    requirements: Annotated[
        list[Path] | None,
        typer.Option("--requirements", "-r", metavar="FILE", help="All that a requirements file of pip's names."),
    ] = None,
    all_installed: Annotated[
        bool, typer.Option("--all-installed", help="All that is installed in the environment.")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="TARGETs are files that have changed: tell only what got worse by it.")
    ] = False,
    python: Annotated[
        str | None, typer.Option(metavar="PATH|VERSION", help="The interpreter that has the target, such as 3.12.")
    ] = None,
    include_private: Annotated[bool, typer.Option(help="Check modules named _x too.", show_default=False)] = False,
    include_tests: Annotated[bool, typer.Option(help="Check test modules too.", show_default=False)] = False,
    min_doc: Annotated[int, _number("N", MIN_DOC, "Characters that an own docstring needs.")] = 80,
    strict: Annotated[bool, typer.Option(help="Exit 1 for warnings too.", show_default=False)] = False,
    timeout: Annotated[float, _number("SECONDS", TIMEOUT, "Seconds that the import of one module may take.")] = 30.0,
    memory: Annotated[int, _number("MIB", MEMORY, "MiB that one import may hold.")] = 4096,
    jobs: Annotated[int, _number("N", JOBS, "Imports, or targets, at the same time.", "--jobs", "-j")] = 2,
    no_replay: Annotated[
        bool, typer.Option("--no-replay", help="Import the standard library anew for each module.")
    ] = False,
    isolation: Annotated[
        IsolationLevel, typer.Option(help="'kernel': refuse to run without Landlock and seccomp.")
    ] = IsolationLevel.AUTO,
    config: Annotated[
        Path | None,
        typer.Option("--config", "--config-file", metavar="FILE", help="The configuration file, not one looked for."),
    ] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help="Use no configuration file.")] = False,
    cache_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where evidence is kept.", show_default="the user's cache folder")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="See everything anew, and keep nothing.")] = False,
    output: Annotated[Format, typer.Option("--format", help="How to report.")] = Format.TEXT,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="List every API.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Sort every API that a Python package advertises into verified and pending.

    An API must import or it does not exist: names and docstrings are read from the source, then each module is really
    imported, by the target's own interpreter, offline and confined.
    """
    asked = Asked(targets=tuple(targets or ()), requirements=tuple(requirements or ()), all_installed=all_installed)
    if asked == Asked():
        raise typer.BadParameter("name a TARGET, or give --requirements or --all-installed")
    if changed and (requirements or all_installed):
        raise typer.BadParameter("--changed is about files, not about --requirements or --all-installed")
    if changed and (json or output is Format.JSON):
        raise typer.BadParameter("--changed tells of what got worse in lines, and has no JSON")
    if config is not None and no_config:
        raise typer.BadParameter("--config and --no-config exclude each other")
    if cache_dir is not None and no_cache:
        raise typer.BadParameter("--cache-dir and --no-cache exclude each other")
    options: Said = {
        "include_private": include_private,
        "include_tests": include_tests,
        "min_doc": min_doc,
        "strict": strict,
        "timeout": timeout,
        "memory": memory,
        "jobs": jobs,
        "isolation": "kernel" if isolation is IsolationLevel.KERNEL else "auto",
    }
    if python is not None:
        options["python"] = python
    said = cast("Said", {name: value for name, value in options.items() if _is_given(context, name)})
    if no_replay:
        said["replay"] = False
    if not no_cache:
        said["cache"] = cache_dir or cache_folder()
    given = Given(said=said, file=config, search=not no_config)
    if changed:
        raise typer.Exit(_changed(asked.targets, given))
    raise typer.Exit(_verify(asked, given, as_json=json or output is Format.JSON, verbose=verbose))


def _is_given(context: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line, so that no configuration file can say otherwise."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _verify(asked: Asked, given: Given, *, as_json: bool, verbose: bool) -> Exit:
    """Show what becomes of each target, and say with which code to end."""
    from verifier.apis import batch, how_to_ask  # noqa: PLC0415  heavy, and not needed for --help

    ask = batch.remembering(how_to_ask(given))
    wanted = batch.targets_of(asked, given, ask)
    show = Show(as_json=as_json, verbose=verbose, in_brief=any(each.is_listed for each in wanted))
    progress = Progress()
    outcomes: list[Outcome] = []
    found = batch.look_at_each(wanted, given, show.draw, ask, progress)
    try:
        with closing(found):
            show.begin()
            for outcome in found:
                progress.clear()
                show.show(outcome)
                outcomes.append(replace(outcome, drawn=""))
        show.end(outcomes)
    except ReaderGone:
        pass
    finally:
        progress.clear()
    return batch.exit_of(outcomes)


def _changed(files: tuple[str, ...], given: Given) -> Exit:
    """Print what the change of `files` has made worse, in one line per API."""
    from verifier.apis import verify  # noqa: PLC0415
    from verifier.apis.changed import Baseline, check_environment, findings_of, new_or_worse, targets_of  # noqa: PLC0415

    worst = Exit.OK
    given = replace(given, said={**given.said, "believing": True})
    for target, paths in targets_of(map(Path, files)).items():
        progress = Progress()
        try:
            (shown,) = verify([str(target)], given, progress=progress.of_modules).targets
        except UserError as error:
            progress.clear()
            typer.echo(str(error), err=True)
            # a project without a public API has none that could get worse
            worst = max(worst, error.exit if error.exit is not Exit.NOTHING else Exit.OK)
            continue
        progress.clear()
        baseline = Baseline(given.said.get("cache"), target)
        worse = new_or_worse(shown, baseline.load(), paths)
        check_environment(shown, worse)
        with suppress(ReaderGone):
            write("".join(f"{finding.shown(Path.cwd())}\n" for finding in worse))
        if worse:
            worst = max(worst, Exit.FINDING)
        else:
            baseline.save(findings_of(shown))
    return worst


def _app_for(arguments: list[str]) -> typer.Typer:
    """`cache` and what it can do is no target; a package of that name can still be checked as `./cache`."""
    if arguments[:1] == ["cache"] and arguments[1:2] and arguments[1] in cache.COMMANDS:
        sys.argv[:2] = [f"{sys.argv[0]} cache"]
        return cache.app
    return app


def main() -> None:
    """Run the command to its end, and leave with its exit code."""
    ending.run(_app_for(sys.argv[1:]))


if __name__ == "__main__":
    main()
