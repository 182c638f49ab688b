"""Role × action × URL, portal and API."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.matrix import NOT_YET, ROLES, ROWS, Row
from tests.access.world import World, caller

pytestmark = pytest.mark.django_db


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Every URL name of the project but the admin's."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield prefix + pattern.name


def answer(row: Row, role: str, world: World) -> int:
    url = reverse(row.name, kwargs=row.url(world)) + row.query
    body = row.data(world)
    programs = url.startswith("/api/")
    with transaction.atomic():
        ask = getattr(caller(role, world), row.method)
        if row.method == "get":
            code = ask(url).status_code
        else:
            code = (
                ask(url, body, content_type="application/json").status_code
                if programs
                else ask(url, body).status_code
            )
        transaction.set_rollback(True)
    return code


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_gets_the_answer_of_the_table(row: Row, world: World):
    got = {role: answer(row, role, world) for role in ROLES}
    assert got == dict(zip(ROLES, row.codes, strict=True))


def test_every_url_is_in_the_table():
    found = {name for name in names(get_resolver()) if not name.startswith(tuple(NOT_YET))}
    assert found - {row.name for row in ROWS} == set()


def test_no_row_is_about_a_url_that_is_gone():
    assert {row.name for row in ROWS} - set(names(get_resolver())) == set()
