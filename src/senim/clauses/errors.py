"""What goes wrong between the law's numbers and those who name them. For developers, not for people at a door."""


class BadRegistry(ValueError):
    """The regulation's file contradicts itself or says something nobody understands."""


class UnknownClause(LookupError):
    """A number that the edition does not have."""


class UnknownFigure(LookupError):
    """A figure that the limb does not fix, or one of another type."""
