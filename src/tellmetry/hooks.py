"""Wait for modules to be imported: our own import hook, because wrapt's costs an idle process twenty milliseconds.

Imports nothing that Python has not loaded by itself: not even `typing`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    Hook = Callable[[ModuleType], Any]
    Asked = Callable[[str], Any]


# Every Python asks for these at its start, whether they are there or not: no app's import.
_OF_SITE = ("sitecustomize", "usercustomize")


class _Finder:
    """Finds what is waited for as everybody else would, and runs its hooks once it is loaded."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Hook]] = {}
        self.foreign: Asked | None = None
        self._busy: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if path is None and self.foreign is not None and name not in sys.stdlib_module_names and name not in _OF_SITE:
            self.foreign(name)
        if name not in self.waiting or name in self._busy:
            return None
        self._busy.add(name)
        try:
            spec = self._find(name, path, target)
        finally:
            self._busy.discard(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader, self.loaded)  # type: ignore[assignment, arg-type]
        return spec

    def _find(self, name: str, path: Any, target: Any) -> ModuleSpec | None:
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                return spec  # type: ignore[no-any-return]
        return None

    def loaded(self, module: ModuleType) -> None:
        for hook in self.waiting.pop(module.__name__, ()):
            hook(module)


class _Loader:
    """The module's own loader with one step behind its last; steps aside first, so that the module looks untouched."""

    def __init__(self, loader: Loader, after: Hook) -> None:
        self._loader = loader
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._after(module)


_finder = _Finder()


def when_imported(name: str, hook: Hook) -> None:
    """Run `hook(module)` when the module is imported, at once if it has been; a hook must not raise."""
    module = sys.modules.get(name)
    if module is not None and not getattr(module.__spec__, "_initializing", False):
        hook(module)
        return
    _finder.waiting.setdefault(name, []).append(hook)
    _start()


def when_foreign(asked: Asked | None) -> None:
    """Run `asked(name)` before a top-level package from outside the standard library is imported; it must not raise."""
    _finder.foreign = asked
    _start()


def _start() -> None:
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def stop() -> None:
    """Wait for nothing any more."""
    _finder.waiting.clear()
    _finder.foreign = None
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
