"""Pages of the room and of the numbers."""

from django.urls import path

from reporting.views import numbers, room

app_name = "reporting"
urlpatterns = [
    path("", room.room, name="room"),
    path("numbers/", numbers.numbers_page, name="numbers"),
    path("numbers/export.csv", numbers.numbers_csv, name="numbers_csv"),
]
