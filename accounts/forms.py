"""Forms of the door and of one's own page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.validators import validate_zone


class SignInForm(forms.Form):
    """E-mail and password."""

    username = forms.CharField(max_length=254)
    password = forms.CharField(max_length=4096, strip=False)


class ProfileForm(forms.Form):
    """What a person may change about themself."""

    own_zone = forms.CharField(
        label=_("Your zone, if it is not the site's"),
        required=False,
        max_length=64,
        validators=[validate_zone],
        help_text=_("An IANA zone, such as Africa/Nairobi"),
    )
    phone = forms.CharField(label=_("Phone"), required=False, max_length=32)


class PasswordForm(forms.Form):
    """A new password, with the old one."""

    old = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("12 characters or more"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old(self) -> str:
        old = str(self.cleaned_data["old"])
        if not self.user.check_password(old):
            raise ValidationError(_("That is not your present password."))
        return old

    def clean_new(self) -> str:
        new = str(self.cleaned_data["new"])
        validate_password(new, self.user)
        return new


class TokenForm(forms.Form):
    """A new key to the API."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What it is for"))
    write = forms.BooleanField(label=_("May change things, not only read"), required=False)
    days = forms.TypedChoiceField(
        label=_("Expires after"),
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        coerce=int,
        initial=90,
    )

    @property
    def scopes(self) -> list[str]:
        return ["read", "write"] if self.cleaned_data["write"] else ["read"]

    @property
    def life(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
