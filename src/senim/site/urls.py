"""Every door's addresses, and what answers when something is wrong."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver

from senim.doors.console import errors, urls

urlpatterns: list[URLPattern | URLResolver] = [*urls.PLAIN, *i18n_patterns(*urls.PAGES)]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler429 = errors.too_many_requests
handler500 = errors.server_error
