"""Pages of messages."""

from django.urls import path

from notifications.views import contacts, inbox, outbox, personal

app_name = "notifications"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read-all/", inbox.read_all, name="read_all"),
    path("<int:pk>/open/", inbox.open_message, name="open"),
    path("<int:pk>/read/", inbox.read_message, name="read"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:pk>/", outbox.outbox_message, name="outbox_message"),
    path("outbox/<int:pk>/retry/", outbox.outbox_retry, name="outbox_retry"),
    path("contacts/", contacts.my_contacts, name="my_contacts"),
    path("rules/", personal.my_rules, name="my_rules"),
]
