from django.conf import settings
from django.db import models
from django.db.models import F, Q

from rotas.choices import SwapState, swap_state_choices
from rotas.models.rota import Override, Rota


class Swap(models.Model):
    """A shift offered to somebody, or to whoever of the rota takes it; perhaps for one of theirs in exchange.

    Accepted, it is one override, or two: all or nothing. `back_…` is the stretch that the giver takes in return.
    """

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="swaps")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="swaps_given")
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="swaps_taken",
        help_text="To whom it is offered, later who took it. Empty: to everybody of the rota",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    back_starts_at = models.DateTimeField(null=True, blank=True)
    back_ends_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=swap_state_choices, default=SwapState.OFFERED)
    note = models.CharField(max_length=160, blank=True)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    override = models.ForeignKey(
        Override, null=True, blank=True, on_delete=models.SET_NULL, related_name="swaps"
    )
    back_override = models.ForeignKey(
        Override, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-offered_at", "-pk"]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="offered"), name="swap_expires"),
            models.Index(fields=["rota", "ends_at"], name="swap_by_rota"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="swap_ends_after_start"),
            models.CheckConstraint(
                condition=Q(back_starts_at__isnull=True, back_ends_at__isnull=True)
                | Q(back_ends_at__gt=F("back_starts_at")),
                name="swap_back_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(taker__isnull=True) | ~Q(taker=F("giver")), name="swap_with_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} offers {self.starts_at:%Y-%m-%d %H:%M} of {self.rota}"
