"""What detection itself reports is not detected upon: a rule that fits alerts would feed on its own for ever."""

OWN = "detection:"
"""How the tags of this room's events begin (`events.vocabulary.detection`)."""


def is_own_news(tag: object) -> bool:
    """Whether an event's tag, or what a rule asks of one, is of this room."""
    return isinstance(tag, str) and tag.lower().startswith(OWN)
