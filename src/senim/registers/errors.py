"""What this room refuses."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem, Text


class RegisterRefused(Problem):
    """Something that is not written into a register so."""

    code = "registers:refused"
    status = 409
    title = _("Nothing was written into the register")


class MayNotChange(RegisterRefused):
    """Whoever asks has no leave to change registers."""

    code = "registers:may-not-change"
    status = 403
    remedy = _("Sign in with a role that keeps registers")


class NoSuchRegister(RegisterRefused):
    """No register is called so."""

    code = "registers:unknown"
    status = 404
    remedy = _("`senim registers show` names all registers")


class NoSuchEntry(RegisterRefused):
    """The register has no such entry, or it has ended."""

    code = "registers:no-such-entry"
    status = 404
    remedy = _("Look at the list: the entry may have ended")


class ChangedMeanwhile(RegisterRefused):
    """Somebody wrote a newer version after the one that was looked at."""

    code = "registers:changed-meanwhile"
    remedy = _("Open the entry again: it shows what somebody else has written, and nothing of that is lost")


class FactsRefused(RegisterRefused):
    """Facts that do not fit the register; `by_field` says of each field why."""

    code = "registers:facts"
    status = 422
    remedy = _("Mend what is named and try again")

    def __init__(self, by_field: Mapping[str, Sequence[Text]]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, texts in by_field.items() for text in texts))
        self.by_field = by_field


class FileRefused(RegisterRefused):
    """A file of which a row does not fit: none of its rows is taken."""

    code = "registers:file"
    status = 422
    remedy = _("Mend the lines that are named and bring the whole file again")
