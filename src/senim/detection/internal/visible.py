"""Text of strangers made safe to keep and to show."""


def visible(text: str) -> str:
    r"""`text` with every control, direction or invisible character spelt out (`\x1b`, `\u202e`)."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
