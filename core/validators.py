from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_zone(value: str) -> None:
    """An IANA zone that the pinned tzdata knows."""
    if value not in available_timezones():
        raise ValidationError(
            _("%(zone)s is not an IANA time zone, such as Africa/Nairobi."), params={"zone": value}
        )
