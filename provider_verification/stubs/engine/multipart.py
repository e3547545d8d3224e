"""Decodes forms with files (multipart/form-data, RFC 7578)."""

from __future__ import annotations

from email.message import Message

MULTIPART = "multipart/form-data"
MAX_PARTS = 100


def decode_multipart(content_type: str, raw_body: bytes) -> dict[str, str | list[str]]:
    """Return the fields by name; one with files is the list of their names.

    Args:
        content_type: the header, with the boundary.
        raw_body: the body.

    Raises:
        ValueError: the body does not have the form, has too many parts, or a text that is not UTF-8.
    """
    boundary = _header(content_type).get_boundary()
    if not boundary:
        raise ValueError("the content type has no boundary")
    beginning, *parts = raw_body.split(b"--" + boundary.encode("latin-1"))
    if beginning.strip() or len(parts) < 2 or len(parts) > MAX_PARTS or parts[-1].strip() != b"--":
        raise ValueError("the parts do not fit the boundary")
    fields: dict[str, str | list[str]] = {}
    for part in parts[:-1]:
        name, filename, content = _decode_part(part)
        files = fields.get(name, [])
        if filename is None:
            fields[name] = content.decode()
        elif isinstance(files, list):
            fields[name] = [*files, filename]
    return fields


def _decode_part(part: bytes) -> tuple[str, str | None, bytes]:
    head, separator, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    disposition = next(
        (line.partition(":")[2] for line in lines if line.lower().startswith("content-disposition:")), ""
    )
    header = _header(disposition.strip())
    name, filename = header.get_param("name"), header.get_param("filename")
    if not separator or not isinstance(name, str):
        raise ValueError("a part has no name")
    return name, None if filename is None else str(filename), content.removesuffix(b"\r\n")


def _header(value: str) -> Message:
    message = Message()
    message["content-type"] = value
    return message
