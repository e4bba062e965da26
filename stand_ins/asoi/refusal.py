"""What the stand-in answers instead of a receipt."""

from http import HTTPStatus


class Refused(Exception):
    """A delivery that is not accepted: an HTTP status and a short text, which is all the sender is told."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text

    def __str__(self) -> str:
        return self.text
