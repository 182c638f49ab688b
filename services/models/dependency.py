from django.db import models
from django.db.models import F, Q

from services.choices import DependencyKind, dependency_kind_choices
from services.models.service import Service


class Dependency(models.Model):
    """One service takes something from another: where the upstream one fails, the downstream one feels it.

    Circles are possible in the world and therefore here; validation names them.
    """

    upstream = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="needed_by", help_text="Gives"
    )
    downstream = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="depends_on", help_text="Takes"
    )
    kind = models.CharField(max_length=10, choices=dependency_kind_choices, default=DependencyKind.DATA)
    critical = models.BooleanField(
        default=True, help_text="Without it the downstream service does not work, rather than worse"
    )
    note = models.CharField(max_length=160, blank=True, help_text="What it takes, or how often")

    class Meta:
        ordering = ["upstream", "downstream", "kind", "pk"]
        verbose_name_plural = "dependencies"
        constraints = [
            models.UniqueConstraint(fields=["upstream", "downstream", "kind"], name="dependency_once"),
            models.CheckConstraint(
                condition=~Q(upstream=F("downstream")),
                name="dependency_not_itself",
                violation_error_message="A service can't depend on itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.downstream} takes {self.get_kind_display().lower()} from {self.upstream}"
