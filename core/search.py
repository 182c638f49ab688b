"""Full-text search with PostgreSQL's `simple` configuration over text normalised here.

Accents and case don't count, identifiers such as `customer_spend_7d` and INC-1042 are found by their
parts, and the last word of a query matches by its beginning.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Value

MAX_WORDS = 12


def normalise(text: str) -> str:
    """Lower case, accents dropped, everything but letters and digits a space."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", plain))


def vector(*texts: str) -> SearchVector:
    """What to store in a search column for these texts."""
    return SearchVector(Value(_kept(texts)), config="simple")


def vectors(rows: Iterable[Sequence[str]]) -> list[str]:
    """What `vector` stores for each of many, in PostgreSQL's own writing, for COPY. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsvector('simple', words)::text FROM unnest(%s::text[]) WITH ORDINALITY AS t (words, place) "
            "ORDER BY place",
            [[_kept(texts) for texts in rows]],
        )
        return [words for (words,) in cursor.fetchall()]


def _kept(texts: Sequence[str]) -> str:
    return normalise(" ".join(texts))[:50_000]


def query(text: str) -> SearchQuery | None:
    """All words must be there, each by its beginning. None where nothing searchable was typed."""
    words = normalise(text).split()[:MAX_WORDS]
    if not words:
        return None
    return SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
