"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class NoSuchAccount(Problem):
    """No account is called so."""

    code = "identity:no-such-account"
    status = 404
    title = _("There is no such account")
    remedy = _("`senim accounts list` shows the names")


class AccountExists(Problem):
    """The name is taken."""

    code = "identity:account-exists"
    status = 409
    title = _("There is an account of that name already")


class BadName(Problem):
    """A name that accounts cannot have."""

    code = "identity:bad-name"
    status = 400
    title = _("This cannot be the name of an account")
    remedy = _("Use Latin letters, digits and . _ @ + -; begin with a letter or a digit")


class NotPermitted(Problem):
    """The role has no leave for this."""

    code = "identity:not-permitted"
    status = 403
    title = _("Your role has no access to this")
    remedy = _("Ask the administrator if you need it for your work")


class NotSignedIn(Problem):
    """Nobody is signed in."""

    code = "identity:not-signed-in"
    status = 401
    title = _("You are not signed in")
    remedy = _("Sign in and try again")


class NotEnrolled(Problem):
    """The account has no second factor yet, or has not shown it."""

    code = "identity:not-enrolled"
    status = 403
    title = _("A second factor is missing")
    remedy = _("Finish setting up your account first")


class AlreadyEnrolled(Problem):
    """The account has its second factor."""

    code = "identity:already-enrolled"
    status = 409
    title = _("An authenticator is set up already")
    remedy = _("Sign in with its code; then you can replace it")


class StaleFactor(Problem):
    """The act wants a second factor shown just now."""

    code = "identity:stale-factor"
    status = 403
    title = _("A fresh one-time code is needed")
    remedy = _("Give a one-time code and try again")


class NotADemonstration(Problem):
    """This instance is real."""

    code = "identity:not-a-demonstration"
    status = 403
    title = _("This is no demonstration: nothing made up exists here")


class NobodyYet(Problem):
    """The people of a demonstration are made up at its first start."""

    code = "identity:nobody-yet"
    status = 503
    title = _("This demonstration was never started, so nobody is there yet")
    remedy = _("Start it with `senim up`")
