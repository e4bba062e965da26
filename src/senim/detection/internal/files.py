"""Rule files as they lie on disk: one YAML document a rule, each with the line on which it begins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sigma.rule.base import SigmaYAMLLoader

from senim.detection.places import MOST_BYTES, files


@dataclass(frozen=True)
class Document:
    """One rule as written, or what is wrong with it."""

    file: str
    """As people call it (`places.files`)."""
    path: Path
    line: int
    content: Any = None
    flaw: str = ""


def documents(folders: Mapping[str, Path]) -> Iterator[Document]:
    """Every rule in `folders`, in the order of names; what lies there and is no rule file is one with a flaw."""
    for one in files(folders):
        if one.unread:
            yield Document(one.file, one.path, 1, flaw=one.unread)
        else:
            yield from _documents(one.path, one.file)


def _documents(path: Path, file: str) -> Iterator[Document]:
    try:
        if path.stat().st_size > MOST_BYTES:
            yield Document(file, path, 1, flaw=f"larger than {MOST_BYTES} bytes")
            return
        loader = SigmaYAMLLoader(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        yield Document(file, path, 1, flaw=_one_line(error))
        return
    line = 1
    try:
        while loader.check_node():
            node: yaml.Node = loader.get_node()  # type: ignore[assignment]  # there is one: check_node said so
            line = node.start_mark.line + 1
            content = loader.construct_document(node)
            if content is not None:
                yield Document(file, path, line, content)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        yield Document(file, path, mark.line + 1 if mark else line, flaw=_one_line(error))
    finally:
        loader.dispose()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
