"""What this room refuses."""


class RuleRefused(ValueError):
    """A rule, or a part of one, that cannot be carried out. The text is the reason, for people."""
