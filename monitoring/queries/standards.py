"""What monitoring can say of a service's readiness: a check over all services at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from core.ui.words import duration
from monitoring.models import Alert
from services.models import Service
from services.types import Result

HEARD = timedelta(days=30)


def alerts(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """An alert of it was heard within 30 days. One query: the newest of each by an index."""
    newest = Alert.objects.filter(service=OuterRef("pk")).order_by("-last_seen_at").values("last_seen_at")
    asked = Service.objects.filter(pk__in=[service.pk for service in services]).order_by()
    heard = dict(asked.values_list("pk", Subquery(newest[:1])))
    url = reverse("monitoring:alerts")
    found = {}
    for service in services:
        at = heard.get(service.pk)
        if at is None:
            found[service.pk] = Result("fail", _("Never heard of"), url)
        else:
            said = _("the last %(time)s ago") % {"time": duration((now - at).total_seconds())}
            found[service.pk] = Result("pass" if at >= now - HEARD else "fail", said, url)
    return found
