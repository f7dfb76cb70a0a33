"""The code of sources without bytecode that many processes load: compiled once, by a process that they are forked from.

Nothing of it runs there. A code object cannot be changed, and who loads the module gets what the import system would
have made of the same bytes. He gets it once: what loads a module again has it compiled again, as ever.
"""

from __future__ import annotations

import _warnings
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .replay import ImportSystem

external: Any = sys.modules["_frozen_importlib_external"]
warnings_: Any = _warnings
source_to_code = external.SourceLoader.source_to_code
is_file = external._path_isfile
type_, str_, bytes_ = type, str, bytes
NAME = "source"


class Codes:
    """Code objects by their sources. To be made when nothing of the target has run."""

    def __init__(self, system: ImportSystem) -> None:
        self._system = system
        self._made: dict[str, tuple[bytes, CodeType]] = {}
        self._is_learning = False
        self._install()

    def _install(self) -> None:
        """From now on the import system asks here first."""
        made = self._made

        def _source_to_code(loader: Any, data: Any, path: Any, *, _optimize: int = -1) -> Any:
            if self._is_learning:
                code = in_silence(lambda: source_to_code(loader, data, path, _optimize=_optimize))
                made[path] = data, code
                return code
            if type_(path) is str_ and path in made and type_(data) is bytes_ and _optimize == -1:
                known, code = made.pop(path)
                if data == known:
                    return code
            return source_to_code(loader, data, path, _optimize=_optimize)

        # tracebacks and warnings leave out the frames of the import system, and ours is to be one of them
        name = source_to_code.__code__.co_filename
        _source_to_code.__code__ = _source_to_code.__code__.replace(co_filename=name)
        _source_to_code.__qualname__ = source_to_code.__qualname__
        external.SourceLoader.source_to_code = _source_to_code
        self._system.know()

    def learn(self, sources: list[str]) -> None:
        """Compile these files as an import would, those without bytecode."""
        if not sources or not self._system.is_steady():
            return
        self._is_learning = True
        for source in sources:
            try:
                # nothing but a regular file can be read without waiting
                if is_file(source) and not is_file(external.cache_from_source(source)):
                    external.SourceFileLoader(NAME, source).get_code(NAME)
            except Exception:  # noqa: PERF203  whoever imports it will see
                pass
        self._is_learning = False


def in_silence(work: Any) -> Any:
    """What `work` comes to. Raises the first warning: who shares it could not be warned."""
    filters = getattr(sys.modules.get("warnings"), "filters", warnings_.filters)
    filters.insert(0, ("error", None, Warning, None, 0))
    warnings_._filters_mutated()
    try:
        return work()
    finally:
        del filters[0]
        warnings_._filters_mutated()
