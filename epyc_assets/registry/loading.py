"""Loads the whole registry: finds the files, checks them, and tells every fault at once.

What belongs here: which file holds what, joining a fleet's files, and `load_registry`. What does not: YAML
itself (`yaml_source`), the shape of entries (`entries`), checks across entries (`references`).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from epyc_assets.registry.entries import Entry, Fleet, Host, Model, Quirk, QuirkFile, Role
from epyc_assets.registry.faults import Fault, KeyPath, RegistryFault, nearest, shown_path
from epyc_assets.registry.references import fleet_problems, quirk_problems
from epyc_assets.registry.wording import problem_in_words, shown_value
from epyc_assets.registry.yaml_source import Document, read_document

_NAMED_TABLES = ("models", "roles", "services")
_LISTS = ("question_sets", "retired_files", "sweeps")
_AnyEntry = TypeVar("_AnyEntry", bound=Entry)


@dataclass(frozen=True)
class Registry:
    """Everything a person declared: hosts and fleets by name, and quirks."""

    directory: Path
    hosts: dict[str, Host]
    fleets: dict[str, Fleet]
    quirks: list[Quirk]

    @property
    def checkout(self) -> Path:
        """The folder that holds the registry folder; relative model roots start here."""
        return self.directory.parent

    def fleet(self, name: str) -> Fleet:
        """The fleet of this name. Raises RegistryFault with the nearest name if there is none."""
        if name not in self.fleets:
            known = ", ".join(sorted(self.fleets)) or "none"
            problem = f'no fleet named "{name}"{nearest(name, self.fleets)}; fleets are: {known}'
            raise RegistryFault([Fault("registry/fleets", "", problem)])
        return self.fleets[name]

    def host_of(self, fleet: Fleet | str) -> Host:
        """The host a fleet runs on."""
        entry = self.fleet(fleet) if isinstance(fleet, str) else fleet
        return self.hosts[entry.host]


def registry_directory() -> Path:
    """EPYC_REGISTRY_DIR if set, else `registry/` of the checkout, else `registry/` of the working directory.

    Raises RegistryFault if there is none.
    """
    chosen = os.environ.get("EPYC_REGISTRY_DIR")
    if chosen:
        return Path(chosen).expanduser()
    package = Path(__file__).resolve()
    for folder in (*package.parents[2:5], Path.cwd()):
        if (folder / "registry" / "fleets").is_dir():
            return folder / "registry"
    raise RegistryFault(
        [
            Fault(
                "registry",
                "",
                "no registry folder was found: run this in a checkout of the project, or set "
                "EPYC_REGISTRY_DIR to a folder that holds hosts/, fleets/ and quirks.yaml",
            )
        ]
    )


def load_registry(directory: Path | None = None) -> Registry:
    """Load and check every file of the registry.

    Raises RegistryFault with one line per fault found in any file.
    """
    folder = Path(directory) if directory is not None else registry_directory()
    loader = _Loader(folder)
    registry = loader.load()
    if loader.faults:
        raise RegistryFault(sorted(loader.faults, key=lambda fault: (fault.file, fault.line or 0, fault.key)))
    return registry


@dataclass
class _Loader:
    directory: Path
    faults: list[Fault] = field(default_factory=list)

    def load(self) -> Registry:
        if not self.directory.is_dir():
            problem = "is not a folder: EPYC_REGISTRY_DIR or the argument should name the registry folder"
            self.faults.append(Fault(str(self.directory), "", problem))
        hosts = dict(self.hosts())
        # Hosts whose file has faults count as known: a fault is told once, where it is.
        host_names = {path.stem for path in self.entries_of("hosts") if path.suffix == ".yaml"}
        fleets = dict(self.fleets(host_names))
        quirks = self.quirks(fleets)
        return Registry(self.directory, hosts, fleets, quirks)

    def shown(self, path: Path) -> str:
        return (Path(self.directory.name) / path.relative_to(self.directory)).as_posix()

    def entries_of(self, folder: str) -> list[Path]:
        """Visible entries of a folder in order; a misspelt suffix is a fault, not a silence."""
        try:
            found = sorted((self.directory / folder).iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            problem = f"cannot be read: {error.strerror or error}"
            self.faults.append(Fault(f"{self.directory.name}/{folder}", "", problem))
            return []
        return [path for path in found if not path.name.startswith((".", "_"))]

    def is_yaml(self, path: Path) -> bool:
        if path.suffix == ".yaml":
            return True
        if path.suffix in (".yml", ".json"):
            self.faults.append(Fault(self.shown(path), "", "is not read: registry files end in .yaml"))
        return False

    def hosts(self) -> Iterable[tuple[str, Host]]:
        for path in self.entries_of("hosts"):
            if not self.is_yaml(path):
                continue
            document = self.document(path)
            if document is None:
                continue
            host = self.validated(Host, {"name": path.stem, **document.value}, [document])
            if host is None:
                continue
            if host.name != path.stem:
                self.add([document], ("name",), f'says "{host.name}", but the file is called "{path.stem}"')
            yield path.stem, host

    def fleets(self, hosts: Collection[str]) -> Iterable[tuple[str, Fleet]]:
        seen: dict[str, Path] = {}
        for path in self.entries_of("fleets"):
            if path.is_dir():
                files = [part for part in self.entries_of(f"fleets/{path.name}") if self.is_yaml(part)]
                name = path.name
            elif self.is_yaml(path):
                files, name = [path], path.stem
            else:
                continue
            if name in seen:
                problem = f'the fleet "{name}" is already described by {self.shown(seen[name])}: keep one'
                self.faults.append(Fault(self.shown(path), "", problem))
                continue
            seen[name] = path
            faults_before = len(self.faults)
            documents = [document for file in files if (document := self.document(file)) is not None]
            if not documents:
                if len(self.faults) == faults_before:
                    self.faults.append(Fault(self.shown(path), "", "holds no .yaml file"))
                continue
            joined = self.joined(documents)
            fleet = self.validated(Fleet, {"name": name, **joined}, documents)
            if fleet is None:
                self.check_what_is_left(joined, name, documents, hosts)
                continue
            if fleet.name != name:
                self.add(documents, ("name",), f'says "{fleet.name}", but the file is called "{name}"')
            for key, problem in fleet_problems(fleet, hosts):
                self.add(documents, key, problem)
            yield name, fleet

    def check_what_is_left(
        self, joined: Mapping[str, Any], name: str, documents: list[Document], hosts: Collection[str]
    ) -> None:
        """Tell the dangling references of a refused fleet too, as far as its entries are sound."""
        written = {key: table for key in _NAMED_TABLES if isinstance(table := joined.get(key), dict)}
        host = joined.get("host")
        sound = Fleet.model_construct(
            name=name,
            host=host if isinstance(host, str) else next(iter(hosts), ""),
            models=_sound_entries(Model, written.get("models", {})),
            roles=_sound_entries(Role, written.get("roles", {})),
        )
        known_hosts = hosts if isinstance(host, str) else [sound.host]
        problems = fleet_problems(sound, known_hosts, models=written.get("models", {}), roles=written.get("roles", {}))
        for key, problem in problems:
            self.add(documents, key, problem)

    def quirks(self, fleets: Mapping[str, Fleet]) -> list[Quirk]:
        path = self.directory / "quirks.yaml"
        if not path.exists():
            return []
        document = self.document(path)
        if document is None:
            return []
        loaded = self.validated(QuirkFile, document.value, [document])
        if loaded is None:
            return []
        if not self.faults:
            for key, problem in quirk_problems(loaded.quirks, fleets):
                self.add([document], key, problem)
        return loaded.quirks

    def document(self, path: Path) -> Document | None:
        document = read_document(path, self.shown(path))
        self.faults.extend(document.faults)
        if document.value is None and document.faults:
            return None
        if not isinstance(document.value, dict):
            problem = f"should hold a table (key: value), but holds {shown_value(document.value)}"
            self.faults.append(Fault(document.shown_as, "", problem))
            return None
        return document

    def joined(self, documents: list[Document]) -> dict[str, Any]:
        """One table from the files of a fleet; models, roles and services are joined entry by entry."""
        joined: dict[str, Any] = {}
        for document in documents:
            for key, value in document.value.items():
                if value is None and key in (*_NAMED_TABLES, *_LISTS):
                    continue  # `models:` with nothing below it yet
                if key in _NAMED_TABLES and isinstance(value, dict):
                    table = joined.setdefault(key, {})
                    if not isinstance(table, dict):
                        continue
                    for name, entry in value.items():
                        if name in table:
                            self.twice(documents, document, (key, name))
                        else:
                            table[name] = {"name": name, **entry} if isinstance(entry, dict) else entry
                elif key in joined:
                    self.twice(documents, document, (key,))
                else:
                    joined[key] = value
        return joined

    def twice(self, documents: list[Document], document: Document, path: KeyPath) -> None:
        first = next(other for other in documents if path in other.lines)
        problem = f"is already in {first.shown_as}, line {first.lines[path]}: keep one"
        self.faults.append(Fault(document.shown_as, shown_path(path), problem, document.line_of(path)))

    def validated(self, kind: type[_AnyEntry], value: Mapping[str, Any], documents: list[Document]) -> _AnyEntry | None:
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                path, problem = problem_in_words(kind, item)
                if path and path[-1] == "[key]":
                    path = path[:-1]
                full = tuple(item["loc"])
                self.add(documents, path, problem, located_by=full)
            return None
        except RecursionError:
            self.add(documents, (), "is nested too deeply to be part of a registry")
            return None

    def add(self, documents: list[Document], path: KeyPath, problem: str, located_by: KeyPath | None = None) -> None:
        """Note a fault in the file that has most of the key path."""
        wanted = located_by if located_by is not None else path
        best, best_length = documents[0], 0
        for document in documents:
            length = len(wanted)
            while length and wanted[:length] not in document.lines:
                length -= 1
            if length > best_length:
                best, best_length = document, length
        self.faults.append(Fault(best.shown_as, shown_path(path), problem, best.line_of(wanted)))


def _sound_entries(kind: type[_AnyEntry], table: Mapping[str, Any]) -> dict[str, _AnyEntry]:
    sound = {}
    for name, entry in table.items():
        try:
            sound[name] = kind.model_validate(entry)
        except ValidationError:
            continue
    return sound
