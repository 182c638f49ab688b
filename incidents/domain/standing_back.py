"""One row that fails holds up no other: it stands back for half a minute, the rest are worked, the error is raised last."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

log = logging.getLogger(__name__)
STAND_BACK = timedelta(seconds=30)

T = TypeVar("T")


def work_each(rows: Iterable[T], work: Callable[[T], int], put_back: Callable[[T], None]) -> int:
    """The sum of what `work` returns; a row for which it raises is `put_back`. Raises the first error at the end."""
    worked, failure = 0, None
    for row in rows:
        try:
            worked += work(row)
        except Exception as error:
            log.exception("%s failed and stands back", row)
            failure = failure or error
            put_back(row)
    if failure is not None:
        raise failure
    return worked


def stand_back(due: QuerySet[Any], pk: int, field: str, now: datetime) -> None:
    """Have the row of `due` be due half a minute later, unless somebody else has it in hand. Never raises."""
    try:
        with transaction.atomic():
            row = due.order_by().select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
            if row is not None:
                setattr(row, field, now + STAND_BACK)
                row.save(update_fields=[field])
    except Exception:
        log.exception("%s can't stand back", pk)
