"""What the program answers instead of doing what it was asked."""

from http import HTTPStatus


class Refused(Exception):
    """Not done: an HTTP status and a short, stable word, which is all that whoever asked is told."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class NotReady(Exception):
    """Something is missing that the program cannot serve without; the text names it."""
