"""What objectives counted goes after 400 days, and not before."""

from datetime import timedelta

import pytest

from services.domain import housekeeping
from services.models import IndicatorBucket
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_counts_of_long_ago_go():
    each = make.objective()
    make.bucket(each, NOW - timedelta(days=401), 1, 1)
    kept = make.bucket(each, NOW - timedelta(days=399), 1, 1)
    assert housekeeping.expire_counts(NOW) == 1
    assert list(IndicatorBucket.objects.all()) == [kept]
    assert housekeeping.expire_counts(NOW) == 0
