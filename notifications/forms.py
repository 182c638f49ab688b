"""Shapes of what pages post."""

from django import forms
from django.http import QueryDict

from notifications.choices import channel_choices, urgency_choices
from notifications.domain.personal import LONGEST_DELAY

ACTS = [(act, act) for act in ("add", "remove", "up", "reset")]


class RuleForm(forms.Form):
    """One change of one's own rules; `add` also sets the delay of a channel that is there.

    A button may name both at once: "add:email".
    """

    act = forms.ChoiceField(choices=ACTS)
    urgency = forms.ChoiceField(choices=urgency_choices)
    channel = forms.ChoiceField(choices=channel_choices, required=False)
    minutes = forms.IntegerField(min_value=0, max_value=LONGEST_DELAY, required=False)

    def __init__(self, data: QueryDict) -> None:
        values = data.dict()
        act, _, channel = values.get("act", "").partition(":")
        super().__init__({**values, "act": act, **({"channel": channel} if channel else {})})
