"""COPY of many rows: what isn't named has its default, and search words are those of a single write."""

import pytest
from django.contrib.postgres.search import SearchVectorField
from django.db import connection
from django.db.models import F
from django.db.models.functions import Cast

from accounts.models import AuditEntry, Team
from core.copying import copy_in, reserve_keys
from core.search import vector, vectors
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_what_is_not_named_has_the_default_of_its_field():
    copy_in(AuditEntry, ("at", "action", "detail"), [(NOW, "x.y", {"a": [1, "ü"]}), (NOW, "z\t\\N", {})])
    assert list(
        AuditEntry.objects.order_by("pk").values_list("action", "detail", "actor_kind", "address")
    ) == [
        ("x.y", {"a": [1, "ü"]}, "person", None),
        ("z\t\\N", {}, "person", None),
    ]


def test_nothing_is_nothing():
    copy_in(Team, ("slug", "name", "kind"), [])
    assert Team.objects.count() == 0


def test_reserved_keys_are_nobody_elses():
    keys = reserve_keys(Team, 3)
    assert keys == [keys[0], keys[0] + 1, keys[0] + 2]
    assert make.team().pk == keys[-1] + 1


def test_words_for_copy_are_the_words_of_a_single_write():
    texts = [("INC-7", "Café « drift » 5kg 1e5 0000045", "a_b-c/d"), ("", ""), ("plain",)]
    one = Team.objects.annotate(words=Cast(F("name"), SearchVectorField()))  # a row to select from
    make.team()
    singles = [str(one.annotate(found=vector(*row)).values_list("found", flat=True).get()) for row in texts]
    assert vectors(texts) == singles


def test_a_row_that_breaks_a_rule_breaks_the_whole_copy():
    make.team(slug="night")
    with pytest.raises(Exception, match=r"accounts_team_slug"), connection.cursor():
        copy_in(Team, ("slug", "name", "kind"), [("day", "Day", "l1"), ("night", "Night", "l1")])
