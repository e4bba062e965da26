"""What detection itself reports is not detected upon: a rule that fits alerts would feed on its own for ever.

That a rule file was changed comes from no line, so no rule can feed on it.
"""

OWN, OF_FILES = "detection:", "detection:rule-file:"
"""How the tags of this room's events begin (`events.vocabulary.detection`), and those of its rule files."""


def is_own_news(tag: object) -> bool:
    """Whether an event's tag, or what a rule asks of one, is of this room."""
    return isinstance(tag, str) and tag.lower().startswith(OWN) and not tag.lower().startswith(OF_FILES)
