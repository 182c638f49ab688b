"""What `/api/v1/` takes from this room."""

from django.urls import path

from reporting.api.numbers import NumbersView

urlpatterns = [path("numbers/", NumbersView.as_view(), name="numbers")]
