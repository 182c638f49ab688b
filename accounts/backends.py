"""Sign in by e-mail, whatever its case."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import DateTimeField, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from accounts.models import User
from core import clock
from core.compiled import compiled


@compiled
def _known(pk: int, *, instant: str) -> QuerySet[User]:
    read_at = RawSQL(instant, [], output_field=DateTimeField())  # noqa: S611 - a constant
    return User.objects.select_related("site").annotate(read_at=read_at).filter(pk=pk).order_by()


class EmailBackend(ModelBackend):
    """Django's own back-end over the case-insensitive address; service accounts never sign in."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        email = username or kwargs.get("email")
        if not email or password is None:
            return None
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            User().set_password(password)  # takes as long as a real check, so that timing tells nothing
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session with its site, as every page tells times in that site's zone, and `read_at`, the instant of
        reading it by the database's clock, which is then the request's own. One query."""
        found = _known(user_id, instant=clock.in_sql())
        return found[0] if found and self.user_can_authenticate(found[0]) else None

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(super().user_can_authenticate(user)) and user.role != "service"
