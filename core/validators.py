from datetime import datetime
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import clock
from core.instants import EARLIEST, SKEW


def validate_zone(value: str) -> None:
    """An IANA zone that the pinned tzdata knows."""
    if value not in available_timezones():
        raise ValidationError(
            _("%(zone)s is not an IANA time zone, such as Africa/Nairobi."), params={"zone": value}
        )


def validate_past(value: datetime) -> None:
    """An instant from 1970 up to now; a caller's clock may be a little ahead of ours."""
    if value < EARLIEST:
        raise ValidationError(_("It can't have been before 1970."), code="too_early")
    if value > clock.now() + SKEW:
        raise ValidationError(_("It can't lie in the future."), code="lies_ahead")
