"""The reference of the intake: the smallest Django that stores a post durably before it answers.

One view, one `INSERT … COMMIT` through Django's cursor and psycopg's pool, no other middleware than Django's own
of `startproject` that a machine's post needs: none.
"""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path

from core.dburl import parse_database_url

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-measuring",
    MIDDLEWARE=[],
    DATABASES={
        "default": {
            **parse_database_url(os.environ["DATABASE_URL"]),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 12, "timeout": 10}},
        }
    },
)
django.setup()


def store(request: HttpRequest) -> JsonResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_bare (at, body) VALUES (now(), %s) RETURNING id", [request.body])
        (pk,) = cursor.fetchone()
    response = JsonResponse({"id": str(pk)}, status=202)
    # Else it comes in chunks, which costs the server more and the sender doesn't read.
    response.headers["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("store", store)]
application = get_wsgi_application()
