"""Messages to look at, and people's rules."""

from typing import ClassVar

from django.contrib import admin

from accounts.admin_access import RoleModelAdmin
from notifications.models import ContactPoint, Message, PersonalRule


@admin.register(Message)
class MessageAdmin(RoleModelAdmin):
    """The engine writes it; the outbox page has the verbs."""

    read_only = True
    list_display = (
        "subject",
        "recipient",
        "channel",
        "urgency",
        "state",
        "attempts",
        "created_at",
        "next_at",
    )
    list_filter = ("state", "channel", "urgency")
    list_select_related = ("recipient",)
    search_fields = ("about_ref", "recipient__name", "recipient__email")
    search_help_text = "Reference such as INC-1042, or a person"


@admin.register(PersonalRule)
class PersonalRuleAdmin(RoleModelAdmin):
    """How people are reached. They set it themselves; leads may help."""

    deletable = True
    list_display = ("user", "urgency", "channel", "delay_minutes", "position")
    list_filter = ("urgency", "channel")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    autocomplete_fields: ClassVar = ["user"]


@admin.register(ContactPoint)
class ContactPointAdmin(RoleModelAdmin):
    """People's further addresses, by their hints. Their owners add, verify and remove them."""

    read_only = True
    fields = ("user", "kind", "name", "hint", "state", "reason", "state_at", "created_at")
    list_display = ("user", "kind", "name", "hint", "state", "state_at")
    list_filter = ("kind", "state")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email", "hint")
