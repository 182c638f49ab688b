from django.conf import settings
from django.db import models
from django.db.models import Q

from notifications.choices import ContactState, contact_kind_choices, contact_state_choices


class ContactPoint(models.Model):
    """A further address of a person: e-mail, signed webhook, or an Apprise URL. Used once it is verified.

    The address is sealed (it may hold a key); `hint` is what is shown. The account's own e-mail needs no row
    while it is healthy: a row of kind email without address says that it is not, and since when.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_points"
    )
    kind = models.CharField(max_length=16, choices=contact_kind_choices)
    name = models.CharField(max_length=60, blank=True, help_text="What its owner calls it")
    address_sealed = models.TextField(blank=True, help_text="Empty: the account's own e-mail")
    address_digest = models.CharField(max_length=64, blank=True)
    hint = models.CharField(max_length=120, blank=True, help_text="Shown; never the secret part")
    secret_sealed = models.TextField(blank=True, help_text="What a webhook is signed with")
    state = models.CharField(max_length=12, choices=contact_state_choices, default=ContactState.UNVERIFIED)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was switched off")
    state_at = models.DateTimeField(help_text="Since when it is in its state")
    created_at = models.DateTimeField()
    code_digest = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["user", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "address_digest"], name="contact_point_once"),
            models.CheckConstraint(
                condition=~Q(address_sealed="") | Q(kind="email", address_digest=""),
                name="contact_point_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.hint}".strip()

    @property
    def is_own_email(self) -> bool:
        """Whether it stands for the account's own e-mail."""
        return self.address_sealed == ""
