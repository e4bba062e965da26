"""HTML built from tags, so that a text can never be taken for markup."""

from html import escape


class Markup(str):
    """HTML that is finished: `tag` does not escape it again."""

    __slots__ = ()


_EMPTY = {"link", "meta"}


def tag(name: str, /, *children: str, **attributes: str | bool) -> Markup:
    """An element. Attributes: `class_` is class, `data_label` is data-label, False leaves one out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not False
    )
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: str) -> Markup:
    """Several pieces one after the other."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))
