"""The floors: who may import whom, what is imported late, and what every module owes its reader.

Everything is read from the source; nothing is imported, so a fault cannot hide behind an import that fails.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "epyc_assets"
ROOT = Path(__file__).parents[1] / PACKAGE

FLOORS = {
    1: {"registry", "warehouse", "suites", "statistics", "embedding", "sandbox"},
    2: {"inference", "scoring", "search", "history", "reports", "fleet"},
    3: {"benchmark", "judging", "routing", "experiments"},
    4: {"defs"},
    5: {"definitions", "cli"},
}
FLOOR_OF = {name: floor for floor, names in FLOORS.items() for name in names}

DAGSTER_ONLY_IN = {"defs", "definitions"}
LATE = {"torch", "torch_geometric", "llama_cpp", "xllamacpp", "sklearn", "gguf", "matplotlib", "jinja2"}
"""Modules that cost too much to be imported before they are needed."""
MOST_LINES = 500
NAMELESS = {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"}


@dataclass(frozen=True)
class Import:
    """One imported module. early: imported when the module itself is. typed: for type checkers only."""

    name: str
    line: int
    early: bool
    typed: bool


@dataclass(frozen=True)
class Module:
    """A source file and what it imports."""

    name: str
    path: Path
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def part(self) -> str:
        """Its package below epyc_assets, or the module itself; empty for epyc_assets/__init__.py."""
        return [*self.name.split("."), ""][1]


def read_module(path: Path, root: Path = ROOT) -> Module:
    """Parses a file below root."""
    parts = [root.name, *path.relative_to(root).with_suffix("").parts]
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    package = parts[:-1]
    return Module(name, path, tree, tuple(_imports(tree, package)))


def _imports(node: ast.AST, package: list[str], early: bool = True, typed: bool = False) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, early, typed) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = package[: len(package) - child.level + 1] if child.level else []
            source = ".".join([*base, *([child.module] if child.module else [])])
            yield Import(source, child.lineno, early, typed)
            # `from package import module` imports the module too.
            yield from (Import(f"{source}.{alias.name}", child.lineno, early, typed) for alias in child.names)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _imports(child, package, False, typed)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for statement in child.body:
                yield from _imports(ast.Module([statement], []), package, early, True)
            for statement in child.orelse:
                yield from _imports(ast.Module([statement], []), package, early, typed)
        elif (
            isinstance(child, ast.Call)
            and ast.unparse(child.func).endswith(("import_module", "__import__"))
            and child.args
            and isinstance(child.args[0], ast.Constant)
            and isinstance(child.args[0].value, str)
        ):
            yield Import(child.args[0].value, child.lineno, early, typed)
        else:
            yield from _imports(child, package, early, typed)


def floor_faults(modules: list[Module]) -> list[str]:
    """Imports that go up, or sideways into another package; and packages on no floor."""
    faults = []
    for module in modules:
        if not module.part:
            faults += [f"{module.name} imports {each.name}" for each in module.imports if _part(each.name)]
            continue
        if module.part not in FLOOR_OF:
            faults.append(f"{module.name} is on no floor: DESIGN section 3 has none for {module.part}")
            continue
        for each in module.imports:
            target = _part(each.name)
            if target is None or target == module.part or target not in FLOOR_OF:
                continue
            if FLOOR_OF[target] >= FLOOR_OF[module.part]:
                faults.append(
                    f"{module.path.name}:{each.line}: {module.name} (floor {FLOOR_OF[module.part]}) imports "
                    f"{each.name} (floor {FLOOR_OF[target]})"
                )
    return faults


def cycle_of(modules: list[Module]) -> list[str] | None:
    """Modules that import each other in a circle while they are being imported."""
    names = {module.name for module in modules}
    graph: dict[str, set[str]] = {}
    for module in modules:
        found = {each.name for each in module.imports if each.early and not each.typed}
        graph[module.name] = {name for name in found if name in names and name != module.name}
        # Importing from a package that is an ancestor means its __init__, which is already being imported.
        graph[module.name] -= {name for name in names if module.name.startswith(name + ".")}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


def early_imports(modules: list[Module], unwanted: set[str]) -> list[str]:
    """Imports of unwanted top-level packages that happen before anybody needs them."""
    return [
        f"{module.path.name}:{each.line}: {module.name} imports {each.name}"
        for module in modules
        for each in module.imports
        if each.early and not each.typed and each.name.split(".")[0] in unwanted
    ]


def _part(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else None


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    """Every module of the package."""
    return [read_module(path) for path in sorted(ROOT.rglob("*.py"))]


def test_imports_run_down(modules: list[Module]) -> None:
    assert not floor_faults(modules)


def test_no_module_imports_itself_in_a_circle(modules: list[Module]) -> None:
    assert cycle_of(modules) is None


def test_only_defs_and_definitions_import_dagster(modules: list[Module]) -> None:
    users = {
        module.name: module.part
        for module in modules
        for each in module.imports
        if each.name.split(".")[0].startswith("dagster")
    }
    assert set(users.values()) <= DAGSTER_ONLY_IN, users
    assert users, "nothing imports dagster: this test looks in the wrong place"


def test_costly_modules_are_imported_where_they_are_needed(modules: list[Module]) -> None:
    assert not early_imports(modules, LATE)
    late = {each.name.split(".")[0] for module in modules for each in module.imports}
    assert {"llama_cpp", "torch", "jinja2"} <= late, "the costly modules are imported nowhere"


def test_the_command_line_starts_with_click_alone(modules: list[Module]) -> None:
    main = next(module for module in modules if module.name == "epyc_assets.cli.main")
    ours = [each.name for each in main.imports if each.early and each.name.startswith(PACKAGE)]
    assert not ours


def test_every_module_says_what_it_is_and_is_short(modules: list[Module]) -> None:
    faults = []
    for module in modules:
        text = ast.get_docstring(module.tree) or ""
        if len(text.split()) < 5:
            faults.append(f"{module.name} does not say what belongs in it: {text!r}")
        lines = len(module.path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            faults.append(f"{module.name} has {lines} lines")
        if set(module.name.rsplit(".", 1)[-1].strip("_").split("_")) & NAMELESS:
            faults.append(f"{module.name} has a name that says nothing")
    assert not faults, "\n".join(faults)


# The checks themselves can fail: each is shown something wrong.


def _written(root: Path, files: dict[str, str]) -> list[Module]:
    for name, text in files.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [read_module(root / PACKAGE / name, root / PACKAGE) for name in files]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("suites/a.py", "from epyc_assets.registry import entries"),
        ("registry/a.py", "import epyc_assets.inference.config"),
        ("registry/a.py", "def f():\n    from epyc_assets.benchmark.plan import Plan"),
        ("scoring/a.py", "from ..statistics import x\nfrom ..reports import y"),
        ("warehouse/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from epyc_assets import defs"),
        ("benchmark/a.py", "import importlib\nimportlib.import_module('epyc_assets.cli.main')"),
        ("oddments/a.py", "import os"),
        ("__init__.py", "from epyc_assets.warehouse import Warehouse"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, file: str, text: str) -> None:
    assert len(floor_faults(_written(tmp_path, {file: text}))) >= 1


def test_right_imports_are_not_faults(tmp_path: Path) -> None:
    text = "import os\nfrom epyc_assets.registry import entries\nfrom epyc_assets.benchmark.plan import Plan\n"
    assert not floor_faults(_written(tmp_path, {"benchmark/plan.py": "Plan = 1", "defs/a.py": text}))


def test_a_circle_is_found(tmp_path: Path) -> None:
    first = "from epyc_assets.suites import b"
    assert cycle_of(_written(tmp_path, {"suites/a.py": first, "suites/b.py": "import epyc_assets.suites.a"}))
    late = "def f():\n    import epyc_assets.suites.a"
    assert cycle_of(_written(tmp_path, {"suites/a.py": first, "suites/b.py": late})) is None


def test_an_early_costly_import_is_found(tmp_path: Path) -> None:
    modules = _written(
        tmp_path,
        {
            "fleet/a.py": "try:\n    import torch.nn\nexcept ImportError:\n    pass",
            "fleet/b.py": "class A:\n    from gguf import GGUFReader",
            "fleet/c.py": "import typing\nif typing.TYPE_CHECKING:\n    import torch\ndef f():\n    import torch",
        },
    )
    assert {fault.split(":")[0] for fault in early_imports(modules, LATE)} == {"a.py", "b.py"}
