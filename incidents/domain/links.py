"""Attaching what lies elsewhere: a dashboard, a log search, a document. The address is kept, not the thing."""

from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from accounts.rules import is_support
from core.errors import Invalid
from core.types import Actor
from incidents.choices import EntryKind, Visibility
from incidents.domain import parties
from incidents.domain.holding import answered
from incidents.domain.locks import lock
from incidents.domain.people import tell_owner_of_outside_words
from incidents.domain.timeline import record
from incidents.domain.writing import save
from incidents.models import Entry, Incident
from services.domain.links import is_safe

MAX_TITLE = 200


@transaction.atomic
def link(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    url: str,
    title: str = "",
    visibility: str = Visibility.INTERNAL,
) -> Entry:
    """Put a link on the timeline, in any state. Without a title its host stands for it.

    The same link for the same readers is attached once: asking again returns the line that is there.
    Raises Invalid for an address that is not http(s), names no host or carries a password.
    """
    incident = lock(incident.pk)
    address, words = url.strip(), " ".join(title.split())
    if not is_safe(address) or "@" in urlsplit(address).netloc:
        raise Invalid(
            "Give the whole address, beginning with https:// or http://, without a password in it.",
            fields={"url": "not an http(s) address"},
        )
    if len(words) > MAX_TITLE:
        raise Invalid(f"A title has at most {MAX_TITLE} characters.", fields={"title": "too long"})
    if visibility not in Visibility.values:
        raise Invalid("Say who reads it.", fields={"visibility": f"one of {', '.join(Visibility.values)}"})
    words = words.replace("\x00", "") or urlsplit(address).netloc
    there = incident.entries.filter(
        kind=EntryKind.LINK, visibility=visibility, text=words, data__url=address
    ).first()
    if there is not None:
        return there
    entry = record(
        incident,
        EntryKind.LINK,
        words,
        actor=actor,
        now=now,
        visibility=Visibility(visibility),
        data={"url": address},
    )
    if actor.user is not None and actor.kind == "person":
        parties.join(incident, actor.user, "responder" if is_support(actor.user) else "watcher", now=now)
    save(incident, answered(incident, actor=actor, now=now))
    tell_owner_of_outside_words(incident, entry, actor=actor, now=now)
    return entry
