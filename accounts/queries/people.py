"""Who may see whom, and who decides."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import Site, Team, User
from accounts.rules import is_member, is_support
from core.compiled import Keys, compiled


def people_visible_to(user: Any) -> QuerySet[User]:
    """Support sees everybody; any other account itself; a stranger nobody."""
    people = User.objects.select_related("site")
    if is_support(user):
        return people
    return people.filter(pk=user.pk) if is_member(user) else people.none()


def teams_visible_to(user: Any) -> QuerySet[Team]:
    """Support sees every team; any other account its own."""
    teams = Team.objects.select_related("lead")
    if is_support(user):
        return teams
    return teams.filter(memberships__user=user) if is_member(user) else teams.none()


def sites_visible_to(user: Any) -> QuerySet[Site]:
    """Support sees every site; any other account its own."""
    if is_support(user):
        return Site.objects.all()
    return Site.objects.filter(pk=user.site_id) if is_member(user) else Site.objects.none()


def by_key(keys: Iterable[int]) -> dict[int, User]:
    """These people with their sites, by key. One query, none for nobody."""
    wanted = list(keys)
    return {person.pk: person for person in _these(wanted)} if wanted else {}


@compiled
def _these(keys: Keys) -> QuerySet[User]:
    return User.objects.select_related("site").filter(pk__in=keys)


def leads() -> QuerySet[User]:
    """Leads and administrators in service: who hears of what nobody else will decide."""
    return User.objects.filter(is_active=True, role__in=[Role.LEAD, Role.ADMINISTRATOR]).order_by(
        "name", "pk"
    )
