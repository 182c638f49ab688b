"""What stands in the JSON columns of the catalogue, and which slugs a service may not have."""

import re
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from services.choices import Authority

# Fixed pages stand at these addresses beside those of services.
RESERVED_SLUGS: Final = frozenset(
    {"agreements", "maintenance", "objectives", "openslo", "operating-model", "standards", "uptime"}
)
MOST_EVIDENCE: Final = 20
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


def validate_authority(value: Any) -> None:
    """A list of known authorities, each once."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValidationError(_('Authority is a list, such as ["restart", "drain"].'))
    unknown = sorted(set(value) - set(Authority.values))
    if unknown:
        raise ValidationError(
            _("%(unknown)s is no authority we know. Known: %(known)s."),
            params={"unknown": ", ".join(unknown)[:120], "known": ", ".join(Authority.values)},
        )
    if len(set(value)) != len(value):
        raise ValidationError(_("An authority stands in the list twice."))


def validate_evidence(value: Any) -> None:
    """A list of {key, label, required}: what has to be brought when the work is handed to the party."""
    if not isinstance(value, list) or len(value) > MOST_EVIDENCE:
        raise ValidationError(
            _('Evidence is a list of at most %(most)s, such as [{"key": "logs", "label": "Logs", "required": true}].'),
            params={"most": MOST_EVIDENCE},
        )  # fmt: skip
    keys = [_evidence_key(item) for item in value]
    if len(set(keys)) != len(keys):
        raise ValidationError(_("A key of the evidence stands in the list twice."))


def _evidence_key(item: Any) -> str:
    if not isinstance(item, dict) or set(item) - {"key", "label", "required"}:
        raise ValidationError(
            _('Each piece of evidence has "key", "label" and "required", and nothing else.')
        )
    key, label = item.get("key"), item.get("label")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValidationError(
            _("The key of a piece of evidence is a short word in small letters, such as logs.")
        )
    if not isinstance(label, str) or not 0 < len(label.strip()) <= 120 or "\x00" in label:
        raise ValidationError(_("The label of a piece of evidence has 1 to 120 characters."))
    if not isinstance(item.get("required", False), bool):
        raise ValidationError(_('"required" is true or false.'))
    return key


def validate_slug_is_free(value: str) -> None:
    """A service may not be called what a page beside its own is called."""
    if value in RESERVED_SLUGS:
        raise ValidationError(
            _("%(slug)s is the address of a page here; give the service another slug."),
            params={"slug": value},
        )
