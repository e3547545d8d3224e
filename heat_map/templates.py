"""The templates of heat maps: a page extends `heat_map.html`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template


def load_template(path: Path) -> Template:
    """Return the template of a page.

    Its blocks fill `heat_map.html`, which says what each is for. The JSON of the cells is its variable `data`.
    """
    environment = Environment(
        loader=FileSystemLoader([path.parent, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(path.name)


def script_json(value: Any) -> str:
    """Return JSON that can stand in a script element."""
    # the only text that could end the script element
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
