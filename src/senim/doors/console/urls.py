"""The console's addresses: `PLAIN` without a language, `PAGES` below `/kk/`, `/ru/`, `/en/`."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from senim.doors.console.views import (
    alerts,
    aside,
    audit,
    design,
    doctor,
    exercises,
    incidents,
    language,
    messages,
    now,
    oncall,
    security,
    sign_in,
)

PLAIN: list[URLPattern | URLResolver] = [
    path("", language.first, name="first"),
    path("language/", language.choose, name="language"),
    path("api/exercises", exercises.declare, name="api-exercises"),
    path("api/exercises/<uuid:pk>", exercises.outcome, name="api-exercise"),
]
# Names that begin with `account_` or `mfa_` are those by which allauth knows its own steps.
PAGES: list[URLPattern | URLResolver] = [
    path("", now.page, name="now"),
    path("live/", now.live, name="now-live"),
    path("alerts/", alerts.listed, name="alerts"),
    path("alerts/<uuid:pk>/", alerts.shown, name="alerts-one"),
    path("alerts/<uuid:pk>/grade/", alerts.grade, name="alerts-grade"),
    path("alerts/<uuid:pk>/dismiss/", alerts.dismiss, name="alerts-dismiss"),
    path("doctor/", doctor.page, name="doctor"),
    path("aside/", aside.listed, name="aside"),
    path("incidents/", incidents.listed, name="incidents"),
    path("incidents/<uuid:pk>/", incidents.shown, name="incidents-one"),
    path("messages/", messages.listed, name="messages"),
    path("messages/<uuid:pk>/", messages.shown, name="messages-one"),
    path("messages/<uuid:pk>/proof.zip", messages.proof, name="messages-proof"),
    path("oncall/", oncall.page, name="oncall"),
    path("oncall/pages/", oncall.listed, name="oncall-pages"),
    path("oncall/pages/<uuid:pk>/", oncall.shown, name="oncall-page"),
    path("oncall/pages/<uuid:pk>/answer/", oncall.answer, name="oncall-answer"),
    path("oncall/test/", oncall.test, name="oncall-test"),
    path("oncall/add/", oncall.add_duty, name="oncall-add"),
    path("oncall/duties/<uuid:pk>/end/", oncall.end_duty, name="oncall-end"),
    path("oncall/contacts/<uuid:pk>/", oncall.contact, name="oncall-contact"),
    path("audit/", audit.listed, name="audit"),
    path("security/", security.page, name="security"),
    path("security/sessions/<slug:row>/end/", security.end_session, name="security-end-session"),
    path("security/password/", security.change_password, name="account_change_password"),
    path("security/authenticator/", security.set_up_authenticator, name="mfa_activate_totp"),
    path("security/authenticator/replace/", security.replace_authenticator, name="security-authenticator"),
    path("security/recovery-codes/", security.recovery_codes, name="mfa_view_recovery_codes"),
    path("security/recovery-codes/new/", security.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("security/code/", sign_in.code_again, name="mfa_reauthenticate"),
    path("security/again/", sign_in.password_again, name="account_reauthenticate"),
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-in/code/", sign_in.second_step, name="mfa_authenticate"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
]
if settings.SENIM_INSTANCE.is_demonstration:
    PAGES.append(path("design/", design.page, name="design"))
