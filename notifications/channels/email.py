"""E-mail by SMTP; held where no server is configured."""

import hashlib
import re
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from notifications.channels.base import SENT
from notifications.channels.examples import HELD as EXAMPLE
from notifications.channels.examples import is_example
from notifications.choices import Channel, Urgency
from notifications.types import DeliveryError, Outcome, Outgoing

DOMAIN = "mainstay"
_OF_THE_SENDER = frozenset({"7", "8"})
HELD = Outcome("held", "No mail server is configured (MAINSTAY_SMTP_HOST); kept in the outbox.")


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail ready to go: what would be, or was, sent."""

    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]


class EmailChannel:
    """One connection a message: a hung one holds up no other."""

    slug: str = Channel.EMAIL
    is_row = False

    def send(self, outgoing: Outgoing) -> Outcome:
        """By SMTP. A refused address or content is permanent, a server in trouble is temporary."""
        letter = compose(outgoing)
        if not settings.EMAIL_HOST:
            return HELD
        if is_example(outgoing.recipient_email.rpartition("@")[2]):
            return EXAMPLE
        message = EmailMultiAlternatives(
            letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, [letter.to], headers=letter.headers
        )
        message.attach_alternative(letter.html, "text/html")
        connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
        try:
            connection.open()
            connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()), (550, b""))
            said = _said(code, words)
            raise DeliveryError(
                said, permanent=code >= 500, disables=_no_such_address(code, words)
            ) from error
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            raise DeliveryError(
                # this message or our sender was refused, not the address
                _said(error.smtp_code, error.smtp_error),
                permanent=error.smtp_code >= 500,
                disables=False,
            ) from error
        except smtplib.SMTPResponseException as error:
            # greeting and sign-in: our settings or their trouble, not this message
            raise DeliveryError(_said(error.smtp_code, error.smtp_error)) from error
        except (OSError, smtplib.SMTPException) as error:  # refused, silent, cut off, bad certificate
            raise DeliveryError(f"{type(error).__name__}: {error}") from error
        finally:
            # the message has been accepted or not; a bad farewell must not make it leave twice
            with suppress(OSError, smtplib.SMTPException):
                connection.close()
        return SENT


def compose(outgoing: Outgoing) -> Letter:
    """The e-mail for a message: text, HTML, subject with severity and reference, headers.

    `Message-ID` depends on the dedup key alone, so that a message that left twice folds into one; messages
    about one thing refer to one root, so that mail programs thread them. Raises DeliveryError (permanent)
    for an address that can't be written to.
    """
    context = {"message": outgoing, "paragraphs": outgoing.body.splitlines()}
    headers = {
        "Message-ID": f"<{_digest(outgoing.dedup_key)}@{DOMAIN}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if outgoing.about_ref:
        root = f"<{_digest(f'{outgoing.about_kind}:{outgoing.about_ref}')}@{DOMAIN}>"
        headers |= {"References": root, "In-Reply-To": root}
    if outgoing.urgency == Urgency.URGENT:
        headers |= {"X-Priority": "1", "Importance": "high"}
    return Letter(
        to=_address(outgoing),
        subject=_subject(outgoing),
        text=render_to_string("notifications/email/message.txt", context).strip() + "\n",
        html=render_to_string("notifications/email/message.html", context),
        headers=headers,
    )


def _subject(outgoing: Outgoing) -> str:
    """Severity and reference in front, unless the subject has them already."""
    words = [
        part for part in (outgoing.severity, outgoing.about_ref) if part and part not in outgoing.subject
    ]
    return _line(" ".join([*words, outgoing.subject]))[:200]


def _address(outgoing: Outgoing) -> str:
    try:
        Address(addr_spec=outgoing.recipient_email)
    except (ValueError, IndexError) as error:
        raise DeliveryError("The e-mail address can't be used.", permanent=True) from error
    if not outgoing.recipient_email.isprintable():
        raise DeliveryError("The e-mail address can't be used.", permanent=True)
    return formataddr((_line(outgoing.recipient_name), outgoing.recipient_email))


def _line(text: str) -> str:
    """One line without control characters: nothing can start a header of its own."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _no_such_address(code: int, words: bytes | str) -> bool:
    """Whether a refused recipient means the address is no good, rather than a relay that is set up wrongly.

    Only an enhanced code says so (RFC 3463: 5.1.y is about addresses, 5.2.1 a closed mailbox): a relay that refuses
    everybody answers a bare 550 as well. 5.1.7 and 5.1.8 are about the sender's address, which is ours.
    """
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    enhanced = re.match(r"5\.(\d{1,3})\.(\d{1,3})\b", said.strip())
    if not enhanced or code < 500:
        return False
    subject, detail = enhanced.groups()
    return (subject == "1" and detail not in _OF_THE_SENDER) or (subject, detail) == ("2", "1")


def _said(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"The mail server said {code} {_line(said)}".strip()
