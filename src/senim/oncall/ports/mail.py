"""By mail: SMTP (RFC 5321) over TLS from the first byte, or after STARTTLS (RFC 3207) and never without it."""

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from socket import SHUT_RDWR

from senim.kit.clock import now
from senim.oncall.ports import NotSent, Parcel
from senim.oncall.settings import Mail

WITHIN = 8.0
"""Seconds for the whole of it: a server that answers a byte at a time costs that long and no longer."""
_SUBJECT = 120


class Smtp:
    """Speaks to one mail server."""

    def __init__(self, known: Mail, tls: ssl.SSLContext, password: str) -> None:
        self._known, self._tls, self._password = known, tls, password

    def send(self, parcel: Parcel) -> None:
        """See `Port.send`."""
        try:
            self._send(parcel)
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"SMTP {error.smtp_code}") from error
        except smtplib.SMTPRecipientsRefused as error:  # its text repeats the address
            codes = sorted({code for code, _said in error.recipients.values()})
            raise NotSent(f"SMTP {', '.join(map(str, codes))}") from error
        except ssl.SSLError as error:
            raise NotSent(f"TLS {error.reason or 'failed'}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(type(error).__name__) from error

    def _send(self, parcel: Parcel) -> None:
        known = self._known
        smtp = (
            smtplib.SMTP_SSL(timeout=WITHIN / 2, context=self._tls)
            if known.security == "tls"
            else smtplib.SMTP(timeout=WITHIN / 2)
        )
        with _within(smtp):
            smtp._host = known.host  # type: ignore[attr-defined]  # noqa: SLF001 - the name that TLS checks
            smtp.connect(known.host, known.port)
            if known.security == "starttls":
                smtp.starttls(context=self._tls)  # raises where the server does not offer it: nothing goes in clear
            if known.user:
                smtp.login(known.user, self._password)
            smtp.send_message(self._written(parcel))
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()  # the server has the letter; how it says goodbye is its own affair

    def _written(self, parcel: Parcel) -> EmailMessage:
        letter = EmailMessage()
        name, _at, domain = parcel.address.rpartition("@")
        letter["To"] = Address(username=name, domain=domain)
        letter["From"] = self._known.sender
        letter["Date"] = format_datetime(now())
        letter["Message-ID"] = f"<{parcel.letter}@senim.invalid>"
        letter["Subject"] = parcel.text.partition("\n")[0][:_SUBJECT]
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(f"{parcel.text}\n")
        return letter


@contextmanager
def _within(smtp: smtplib.SMTP) -> Iterator[None]:
    """Break the connection off when the time is over, whatever it waits for, and close it in any case."""

    def cut() -> None:
        if smtp.sock is not None:
            with suppress(OSError):
                smtp.sock.shutdown(SHUT_RDWR)

    timer = threading.Timer(WITHIN, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        smtp.close()
