"""What is due to one contact at the same time leaves as one."""

import hashlib
from collections.abc import Iterable

from notifications.domain.pipeline.shapes import Contact, Due, Parcel

_Group = tuple[Contact, str]


def bundle(due: Iterable[Due]) -> list[Parcel]:
    """Parcels of what is due, urgent and ordinary apart.

    A bundle that was attempted is packed again as it was, less what was called back meanwhile: same identity,
    no newcomers. A message that was attempted alone stays alone.
    """
    attempted: dict[_Group, list[Due]] = {}
    fresh: dict[_Group, list[Due]] = {}
    parcels: list[Parcel] = []
    for each in due:
        if each.bundle:
            attempted.setdefault((each.contact, each.bundle), []).append(each)
        elif each.fresh and not each.alone:
            fresh.setdefault((each.contact, each.urgency), []).append(each)
        else:
            parcels.append(Parcel((each,)))
    parcels += [Parcel(_in_order(group), identity) for (_, identity), group in attempted.items()]
    for group in fresh.values():
        members = _in_order(group)
        parcels.append(Parcel(members, identity_of(members) if len(members) > 1 else ""))
    return parcels


def identity_of(members: Iterable[Due]) -> str:
    """The bundle's name: the same for the same messages, whoever packs them."""
    keys = "\n".join(sorted(each.key for each in members))
    return f"bundle-{hashlib.sha256(keys.encode()).hexdigest()[:32]}"


def _in_order(group: list[Due]) -> tuple[Due, ...]:
    """Worst first, then oldest."""
    return tuple(sorted(group, key=lambda each: (each.severity or "SEV9", each.created_at, each.id)))
