"""The house rules that can be checked, on every source file."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median, quantiles

import tellmetry
from tellmetry import names
from tellmetry.clients import CATALOGUE

ROOT = Path(tellmetry.__file__).parent
TESTS = Path(__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))

# Who may import whom; an arrow is never taken back. Data stands at the bottom, what people type at the top.
_BOTTOM = {"names", "version", "forking", "hooks"}
_ARROWS = {
    "settings": _BOTTOM,
    "guard": {"settings"},
    "privacy": set(),
    "prices": set(),
    "record": {"names"},
    "scope": {"names", "record"},
    "wire": {"names", "privacy", "record"},
    "emit": {"guard", "settings", "prices", "record", "scope", *_BOTTOM},
    "engine": {"emit", "record", "scope", "guard", "boot", *_BOTTOM},
    "clients": {"engine", "wire", "record", "guard", "boot", "hooks", "names"},
    "boot": {"settings", "guard", "clients", "engine", *_BOTTOM},
    "operate": {"engine", "emit", "guard", "record", "scope", "privacy", "settings", "boot", "names"},
    "report": {"emit", "names"},
    "demo": {"", "emit", "names"},
    "doctor": {"boot", "cli", "clients", "emit", "prices", "report", "settings", "version"},
    "grafana": set(),
    "view": {"emit", "names", "report"},
    "cli": {"boot", "demo", "doctor", "emit", "grafana", "operate", "report", "settings", "version", "view"},
    "__main__": {"cli"},
    "": {"operate", *_BOTTOM},
}
_TELEMETRY = ("emit", "engine/current.py", "engine/native.py")  # may import OpenTelemetry
_ENVIRONMENT = {
    "settings.py": "ours, once",
    "boot.py": "whether to do anything at all, before settings are imported",
    "emit/endpoint.py": "the standard variables of OTLP, when the first span is sent",
    "emit/proxy.py": "the standard variables of proxies, likewise",
    "emit/resource.py": "the standard variables of the resource",
    "emit/spans.py": "the standard variables of the sampler",
    "doctor/line.py": "shows what is set",
    "cli/run.py": "sets ours for the program it runs",
    "cli/demo.py": "likewise",
    "cli/grafana.py": "the variables that grafana-client's users know",
    "cli/site/sitecustomize.py": "takes back what `run` has set",
    "demo/child.py": "likewise",
}
_SWALLOWS = {"guard.py": "the guard", "doctor/sight.py": "tells what a client does when it is imported"}
_DATA = {"names.py", "record.py"}  # lists, not code
_MOST_LINES, _MOST_FUNCTION_LINES = 200, 50

# Where a source is tested that has no test of its own name beside it.
_TESTED_BY = {
    "__init__.py": "test_boot.py",
    "__main__.py": "cli/test_main.py",
    "forking.py": "emit/test_forks.py",
    "hooks.py": "test_boot.py",
    "guard.py": "engine/test_call.py",
    "names.py": "collector/test_names.py",
    "version.py": "test_boot.py",
    "cli": "cli",
    "clients": "contract.py",
    "clients/handlers.py": "frameworks.py",
    "clients/retrievers.py": "frameworks.py",
    "demo": "demo",
    "demo/provider": "demo/provider",
    "doctor": "cli/test_doctor.py",
    "emit": "emit",
    "engine/__init__.py": "engine",
    "engine/generators.py": "engine/test_stream.py",
    "engine/settling.py": "engine/test_call.py",
    "engine/part.py": "engine/test_call.py",
    "engine/steps.py": "engine/test_runs.py",
    "engine/traced.py": "engine/test_call.py",
    "grafana": "grafana",
    "operate": "operate",
    "prices": "prices",
    "report": "cli/test_report.py",
    "view": "view",
    "wire": "wire/test_cases.py",
}


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layer(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] != "__init__" else ""


def imports(node: ast.AST) -> Iterator[str]:
    """Give the modules imported anywhere below, but for the type checker's eyes only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (one.name for one in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield from (f"{child.module}.{one.name}" for one in child.names)
        yield from imports(child)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def everywhere(rule: Callable[[Path], Iterable[str]]) -> list[str]:
    """List what breaks a rule, in every source."""
    return [f"{where(path)}: {wrong}" for path in SOURCES for wrong in rule(path)]


def test_imports_follow_the_arrows() -> None:
    def against(path: Path) -> Iterable[str]:
        mine = layer("tellmetry." + where(path).removesuffix(".py").replace("/", "."))
        taken = {layer(name) for name in imports(tree(path)) if name.split(".")[0] == "tellmetry"} - {mine}
        return sorted({"" if one in tellmetry.__all__ else one for one in taken} - _ARROWS.get(mine, set()))

    assert everywhere(against) == []


def test_only_the_lowest_layers_know_opentelemetry() -> None:
    def knowing(path: Path) -> Iterable[str]:
        low = where(path).startswith(_TELEMETRY)
        return [] if low else [name for name in imports(tree(path)) if name.startswith("opentelemetry")]

    assert everywhere(knowing) == []


def test_errors_are_swallowed_in_one_place() -> None:
    """`except Exception` is the guard's; who catches everything to look at it raises it again."""

    def swallowing(path: Path) -> Iterable[str]:
        if where(path) not in _SWALLOWS:
            yield from (f"line {node.lineno}" for node in ast.walk(tree(path)) if _swallows(node))

    assert everywhere(swallowing) == []


def _swallows(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        return re.search(r"\b(Base)?Exception\b", ast.unparse(node)) is not None
    if not isinstance(node, ast.ExceptHandler):
        return False
    caught = ast.unparse(node.type) if node.type else "BaseException"
    raises = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
    return re.search(r"\bException\b", caught) is not None or ("BaseException" in caught and not raises)


def test_the_environment_is_read_where_it_must_be() -> None:
    readers = {where(path) for path in SOURCES if re.search(r"os\.(environ|getenv)", path.read_text())}
    assert readers == set(_ENVIRONMENT)


def test_grafana_client_is_an_extra() -> None:
    users = [where(path) for path in SOURCES if any("grafana_client" in name for name in imports(tree(path)))]
    assert len(users) <= 1


def test_names_stand_in_one_file() -> None:
    """No attribute is spelt outside names.py; modules and files of ours are not attributes."""

    def spelling(path: Path) -> Iterable[str]:
        for node in ast.walk(tree(path)) if path.name != "names.py" else ():
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"(gen_ai|tellmetry)(\.\w+)+\.?", text) and not _is_ours(text):
                yield f"line {node.lineno}: {text!r}"

    assert everywhere(spelling) == []


def _is_ours(text: str) -> bool:
    place = ROOT.parent.joinpath(*text.rstrip(".").split("."))
    return place.is_dir() or place.with_suffix(".py").exists() or text in ("tellmetry.toml", "tellmetry.pth")


def test_no_async_twins() -> None:
    """Asynchronous code is the engine's; elsewhere `async with` may only be what `with` is. The demo plays an app."""

    def twins(path: Path) -> Iterable[str]:
        for node in functions(path):
            delegates = node.name in ("__aenter__", "__aexit__") and len(node.body) == 1
            if isinstance(node, ast.AsyncFunctionDef) and not delegates:
                yield node.name

    assert [one for one in everywhere(twins) if not one.startswith(("engine/", "demo/"))] == []


def test_files_and_functions_are_small() -> None:
    def large(path: Path) -> Iterable[str]:
        if path.stem in ("utils", "helpers", "common"):
            yield "a name that says nothing"
        size = len(path.read_text().splitlines())
        if size > _MOST_LINES and where(path) not in _DATA:
            yield f"{size} lines"
        yield from (f"{one.name}: {lines(one)} lines" for one in functions(path) if lines(one) > _MOST_FUNCTION_LINES)

    assert everywhere(large) == []


def test_a_client_is_a_small_file() -> None:
    """Half of the catalogue's files have at most 60 lines, none has more than 120."""
    sizes = [len((ROOT / f"clients/{row.name}.py").read_text().splitlines()) for row in CATALOGUE]
    assert median(sizes) <= 60
    assert max(sizes) <= 120


def test_most_functions_are_tiny() -> None:
    sizes = [lines(function) for path in SOURCES for function in functions(path)]
    assert median(sizes) <= 8
    assert quantiles(sizes, n=10)[-1] <= 25


def test_a_module_says_what_it_is_for() -> None:
    def silent(path: Path) -> Iterable[str]:
        said = (ast.get_docstring(tree(path)) or "").split("\n")[0]
        return [] if said.endswith((".", ":")) else [f"docstring: {said!r}"]

    assert everywhere(silent) == []


def test_every_source_has_its_test() -> None:
    def untested(path: Path) -> Iterable[str]:
        relative = path.relative_to(ROOT)
        own = TESTS / relative.parent / f"test_{relative.stem}.py"
        listed = [where(path), *(str(parent) for parent in relative.parents if str(parent) != ".")]
        other = next((_TESTED_BY[name] for name in listed if name in _TESTED_BY), None)
        if not own.exists() and (other is None or not (TESTS / other).exists()):
            yield f"{own.relative_to(TESTS)} is missing"

    assert everywhere(untested) == []


def test_the_list_of_tests_is_in_use() -> None:
    gone = [name for name in _TESTED_BY if not (ROOT / name).exists()]
    covered = [name for name in _TESTED_BY if (TESTS / Path(name).parent / f"test_{Path(name).name}").is_file()]
    assert gone + covered == []


def test_no_attribute_has_two_names() -> None:
    spelt = [value for name, value in vars(names).items() if name.isupper() and isinstance(value, str) and "." in value]
    assert len(spelt) == len(set(spelt))
