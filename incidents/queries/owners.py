"""Who may own incidents."""

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import User

_ROLES = (Role.RESPONDER, Role.LEAD, Role.ADMINISTRATOR)


def owners() -> QuerySet[User]:
    """Active people of the support organisation; programs and outsiders own none."""
    return User.objects.filter(is_active=True, role__in=_ROLES)
