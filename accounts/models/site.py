from django.db import models

from accounts.choices import hue_choices
from core.validators import validate_zone


class Site(models.Model):
    """A place people work from. Its zone is theirs unless they say otherwise."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    zone = models.CharField(
        max_length=64, validators=[validate_zone], help_text="IANA zone, e.g. Africa/Nairobi"
    )
    country = models.CharField(
        max_length=2, blank=True, help_text="ISO 3166 country whose public holidays count"
    )
    hue = models.CharField(max_length=8, choices=hue_choices, default="nbo")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order in the operations room")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
