from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from accounts.choices import Role, role_choices
from accounts.models.site import Site
from core.ui import faces
from core.validators import validate_zone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person. Without a password they sign in by a one-time link only."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.ADMINISTRATOR, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person or a service account. Deactivated, never deleted: history names them."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=role_choices, default=Role.RESPONDER)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    own_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_zone],
        help_text="Only where it differs from the site's",
    )
    phone = models.CharField(max_length=32, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """May enter the Django admin: leads shape the service there, administrators everything."""
        return self.is_active and self.role in {Role.LEAD, Role.ADMINISTRATOR}

    @property
    def zone(self) -> str:
        """IANA zone in which this person reads times."""
        return self.own_zone or (self.site.zone if self.site else "UTC")

    @property
    def hue(self) -> str:
        return self.site.hue if self.site else "none"

    @property
    def short_name(self) -> str:
        return faces.short_name(self.name or self.email)

    @property
    def initials(self) -> str:
        return faces.initials(self.name or self.email)
