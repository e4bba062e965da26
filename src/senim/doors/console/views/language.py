"""Which language a page is read in: it stands in the address and is remembered in the account."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse, translate_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from senim.identity import guard
from senim.identity.models import Account
from senim.identity.operations import choose_language


@guard.anybody
def first(request: HttpRequest) -> HttpResponse:
    """The address without a language: on to the first page, in the account's language or the browser's."""
    language = request.user.language if isinstance(request.user, Account) else translation.get_language()
    with translation.override(language):
        return redirect(reverse("now"))


@guard.anybody
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """The same page in another language; an account remembers it."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = translation.get_language() or settings.LANGUAGE_CODE
    if isinstance(request.user, Account):
        choose_language(request.user, language)
    here = request.POST.get("next", "")
    if not (here.startswith("/") and url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=True)):
        here = reverse("now")
    # The address names its own language, whatever the browser prefers.
    with translation.override(translation.get_language_from_path(here) or translation.get_language()):
        return HttpResponseRedirect(translate_url(here, language))
