"""Refusals as people meet them: RFC 9457 problems with a stable code.

A room's errors inherit from `Problem`. The text a person sees is translated at the door; `detail` carries what was
found, never confidential data (R228/81-20(1) asks for the least that still lets the problem be diagnosed).
"""

from typing import ClassVar

from django.utils.functional import Promise

Text = str | Promise


class Problem(Exception):
    """A refusal with a code, a status and the next step."""

    code: ClassVar[str] = "problem"
    """Stable, `room:what`, never translated; what a program may rely on."""
    status: ClassVar[int] = 400
    """The HTTP status that says it best."""
    title: ClassVar[Text] = "Problem"
    """What kind of refusal this is, for a person (lazy gettext)."""
    remedy: ClassVar[Text] = ""
    """What to do next, for a person (lazy gettext)."""

    def __init__(self, detail: Text = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        parts = [str(self.title)]
        if self.detail:
            parts.append(str(self.detail))
        text = ": ".join(parts)
        return f"{text}. {self.remedy}" if self.remedy else text

    def as_json(self) -> dict[str, object]:
        """The problem document of RFC 9457 §3.1, without `instance` (the door adds its correlation id)."""
        return {
            "type": f"urn:senim:problem:{self.code}",
            "title": str(self.title),
            "status": self.status,
            "detail": str(self.detail),
            "code": self.code,
            "remedy": str(self.remedy),
        }
