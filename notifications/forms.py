"""Shapes of what pages post."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from notifications.choices import contact_kind_choices, urgency_choices
from notifications.domain.personal import LONGEST_DELAY

ACTS = [(act, act) for act in ("add", "remove", "up", "reset")]


class RuleForm(forms.Form):
    """One change of one's own rules; `add` also sets the delay of a channel that is there.

    `channel` is a route's key (email, webhook.12). A button may name both at once: "add:email".
    """

    act = forms.ChoiceField(choices=ACTS)
    urgency = forms.ChoiceField(choices=urgency_choices)
    channel = forms.CharField(max_length=40, required=False)
    minutes = forms.IntegerField(min_value=0, max_value=LONGEST_DELAY, required=False)

    def __init__(self, data: QueryDict) -> None:
        values = data.dict()
        act, _, channel = values.get("act", "").partition(":")
        super().__init__({**values, "act": act, **({"channel": channel} if channel else {})})


class ContactForm(forms.Form):
    """A further address of one's own."""

    kind = forms.ChoiceField(choices=contact_kind_choices, label=_("What it is"))
    address = forms.CharField(
        max_length=1000,
        label=_("Address"),
        help_text=_(
            "An e-mail address, the https URL of your receiver, or an Apprise URL such as ntfys://host/topic."
        ),
    )
    name = forms.CharField(max_length=60, required=False, label=_("What you call it"))


class ContactVerbForm(forms.Form):
    """One verb on one of one's own contact points: the button names both, "code:12"."""

    act = forms.ChoiceField(choices=[(act, act) for act in ("code", "verify", "test", "remove")])
    pk = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    code = forms.CharField(max_length=20, required=False)

    def __init__(self, data: QueryDict) -> None:
        values = data.dict()
        act, _colon, pk = values.get("act", "").partition(":")
        super().__init__({**values, "act": act, "pk": pk})
