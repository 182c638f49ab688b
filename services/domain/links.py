"""Links of a service: checked when they are written, filtered again when they are shown."""

from typing import Any
from urllib.parse import urlsplit

from core.errors import Invalid

MOST = 20


def check_links(given: Any) -> list[dict[str, str]]:
    """Links in the form [{"label", "url"}], stripped. Only http and https addresses lead out of the portal.

    Raises Invalid with a sentence for the writer.
    """
    if not isinstance(given, list) or len(given) > MOST:
        raise _refusal(
            f'Links are a list of at most {MOST}, such as [{{"label": "Dashboard", "url": "https://…"}}].'
        )
    found = []
    for item in given:
        if not isinstance(item, dict) or not all(isinstance(item.get(key), str) for key in ("label", "url")):
            raise _refusal('Each link has a "label" and a "url", both text.')
        label, url = item["label"].strip(), item["url"].strip()
        if not label or len(label) > 80:
            raise _refusal("The label of a link has 1 to 80 characters.")
        if not is_safe(url):
            raise _refusal(f"The address of “{label}” begins with https:// or http:// and names a host.")
        found.append({"label": label, "url": url})
    return found


def is_safe(url: Any) -> bool:
    """Whether an address may stand behind a link: absolute, http or https, no control characters."""
    if not isinstance(url, str) or len(url) > 1_000 or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def shown(links: Any) -> list[dict[str, str]]:
    """What may be shown of stored links; anything odd is left out."""
    if not isinstance(links, list):
        return []
    return [
        {"label": str(link.get("label") or link["url"])[:80], "url": link["url"]}
        for link in links
        if isinstance(link, dict) and is_safe(link.get("url"))
    ]


def _refusal(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"links": sentence})
