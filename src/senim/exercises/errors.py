"""Why an exercise came to nothing."""


class NotPlayed(RuntimeError):
    """The attack could not be carried through; what the house makes of it would show nothing. Says why."""
