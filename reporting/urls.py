"""Pages of the room and of the numbers."""

from django.urls import path

from reporting.views import engines, numbers, room

app_name = "reporting"
urlpatterns = [
    path("", room.room, name="room"),
    path("engines/", engines.engines_page, name="engines"),
    path("engines/ring/", engines.ring_now, name="engines_ring"),
    path("numbers/", numbers.numbers_page, name="numbers"),
    path("numbers/export.csv", numbers.numbers_csv, name="numbers_csv"),
]
