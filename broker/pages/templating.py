"""The templates of pages and badges, in which every text is escaped."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).with_name("templates")
TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# as the layout includes it: in the page, so that a browser requests nothing else
_STYLE = TEMPLATES.get_template("style.css").render()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""A page runs no script and loads nothing but badges, even if a text in it were not escaped."""

PAGES = (
    ("Deployable versions", "/"),
    ("Pacticipants", "/pacticipants"),
    ("Matrix", "/matrix"),
    ("Network", "/integrations"),
    ("Environments", "/environments"),
    ("Webhooks", "/webhooks"),
)
"""The pages that every page links to: name and path."""


def render_page(template: str, base: str, page: str, **values: Any) -> str:
    """Return a page as HTML.

    Args:
        template: the name of the template.
        base: what links begin with.
        page: the path of the page in `PAGES` that it is or belongs to.
        values: what the template shows.
    """
    return TEMPLATES.get_template(template).render(base=base, page=page, pages=PAGES, **values)


def url_of(base: str, *segments: str, **query: str) -> str:
    """Return the URL of a resource, whose path segments and query values are percent-encoded."""
    path = "/".join([base, *(quote(segment, safe="") for segment in segments)])
    return f"{path}?{urlencode(query)}" if query else path
