"""The smallest Django that `bench.webserver` can ask: a page without the database, one with, a slow one."""

import os

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from core.dburl import parse_database_url

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-measuring",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={
        "default": {
            **parse_database_url(os.environ["DATABASE_URL"]),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 12, "timeout": 10}},
        }
    },
)
django.setup()


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x" * 2000)


def rows(request: HttpRequest) -> JsonResponse:
    """Four short queries and a hundred rows, as a list page makes them."""
    with connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute("SELECT 1")
            cursor.fetchone()
        cursor.execute("SELECT n, md5(n::text) FROM generate_series(1, 100) AS n")
        return JsonResponse({"results": cursor.fetchall()})


def slow(request: HttpRequest) -> HttpResponse:
    """Waits a quarter of a second on the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.25)")
    return HttpResponse("slow")


urlpatterns = [path("plain", plain), path("rows", rows), path("slow", slow)]
wsgi = get_wsgi_application()
asgi = get_asgi_application()
