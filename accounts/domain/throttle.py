"""Guessing is slow: failed sign-ins are counted by account and by address.

A try is counted before the password is looked at, in a locked row, so that a hundred tries at the same
moment are still a hundred. A right password takes the account's count away.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import SignInAttempt, User

# A whole office may share one address, so it bears more wrong tries than one account.
ADDRESS_TIMES = 4


@dataclass(frozen=True, slots=True)
class Count:
    """Tries under one key: how many since `first_at`, and until when it is locked."""

    failures: int
    first_at: datetime
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`locked_until` refuses this try. `locks_now` are the keys that this very try has used up."""

    locked_until: datetime | None = None
    locks_now: tuple[str, ...] = ()


def step(count: Count, *, limit: int, window: timedelta, now: datetime) -> Count:
    """The count after one more try. Pure.

    The try that reaches `limit` locks the key for `window`; it may itself still be looked at. Tries
    older than `window` are forgotten, a lock that is over starts from one.
    """
    over = count.locked_until is not None and count.locked_until <= now
    if over or now - count.first_at >= window:
        count = Count(0, now)
    failures = count.failures + 1
    return Count(failures, count.first_at, now + window if failures >= limit else None)


def claim(email: str, address: str | None, *, now: datetime) -> Verdict:
    """Count one try for this account and this address, or say until when it is refused.

    A refused try isn't counted: hammering doesn't prolong the lock.
    """
    limits = {account_key(email): tries()}
    if address:
        limits[address_key(address)] = tries() * ADDRESS_TIMES
    with transaction.atomic():
        rows = [_locked_row(key, now) for key in limits]
        until = [row.locked_until for row in rows if row.locked_until and row.locked_until > now]
        if until:
            return Verdict(locked_until=max(until))
        for row in rows:
            _count(row, limits[row.key], now)
        return Verdict(locks_now=tuple(row.key for row in rows if row.locked_until))


def wrong_link(address: str | None, *, now: datetime) -> bool:
    """Count one wrong signed link from this address; True once there were too many of them.

    Counted apart from sign-ins: a mail scanner that breaks links must not lock its office out.
    """
    if not address:
        return False
    with transaction.atomic():
        row = _locked_row(f"link:{address_key(address)}", now)
        if row.locked_until and row.locked_until > now:
            return True
        _count(row, tries() * ADDRESS_TIMES, now)
    return False


def clear(email: str, address: str | None = None) -> None:
    """Forget the account's tries, and give the address back the one that turned out right."""
    SignInAttempt.objects.filter(key=account_key(email)).delete()
    if address:
        with transaction.atomic():
            row = (
                SignInAttempt.objects.select_for_update()
                .filter(key=address_key(address), failures__gt=0)
                .first()
            )
            if row is not None:
                row.failures -= 1
                row.locked_until = None
                row.save(update_fields=["failures", "locked_until"])


def locked_until(email: str, address: str | None, *, now: datetime) -> datetime | None:
    """When this account or this address may try again; None if it may now."""
    keys = [account_key(email)] + ([address_key(address)] if address else [])
    rows = SignInAttempt.objects.filter(key__in=keys, locked_until__gt=now)
    return max((row.locked_until for row in rows if row.locked_until), default=None)


def old_counts(now: datetime) -> QuerySet[SignInAttempt]:
    """Counts that matter no more."""
    return SignInAttempt.objects.filter(last_at__lt=now - 2 * window())


def forget_old(now: datetime) -> int:
    """Drop counts that matter no more; how many."""
    return old_counts(now).delete()[0]


def account_key(email: str) -> str:
    """One key however the address was typed; the same form for addresses that nobody has."""
    typed = email.strip()[:254]
    known = User.objects.filter(email__iexact=typed).values_list("email", flat=True).first()
    return f"email:{(known or typed).lower()}"


def address_key(address: str) -> str:
    """An IPv4 address; of IPv6 the /64, because whoever has one address there has them all."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return f"address:{parsed.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address:{parsed}"


def tries() -> int:
    """Wrong tries that an account bears within the window."""
    return max(1, int(settings.MAINSTAY_SIGN_IN_TRIES))


def window() -> timedelta:
    """How long tries are remembered, and how long a lock lasts."""
    return timedelta(minutes=max(1, int(settings.MAINSTAY_SIGN_IN_LOCK_MINUTES)))


def _locked_row(key: str, now: datetime) -> SignInAttempt:
    """The key's row, made where missing and locked against others. Call in the order account, address."""
    fresh = SignInAttempt(key=key, failures=0, first_at=now, last_at=now)
    SignInAttempt.objects.bulk_create([fresh], ignore_conflicts=True)
    return SignInAttempt.objects.select_for_update().get(key=key)


def _count(row: SignInAttempt, limit: int, now: datetime) -> None:
    """Put one more try down in a locked row."""
    before = Count(row.failures, row.first_at, row.locked_until)
    after = step(before, limit=limit, window=window(), now=now)
    row.failures, row.first_at, row.locked_until = after.failures, after.first_at, after.locked_until
    row.last_at = now
    row.save(update_fields=["failures", "first_at", "last_at", "locked_until"])
