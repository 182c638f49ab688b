"""What `/api/v1/` takes from this room."""

from django.urls import path

from reporting.api.engines import EnginesView, RingView
from reporting.api.numbers import NumbersView

urlpatterns = [
    path("numbers/", NumbersView.as_view(), name="numbers"),
    path("engines/", EnginesView.as_view(), name="engines"),
    path("engines/ring/", RingView.as_view(), name="engines-ring"),
]
