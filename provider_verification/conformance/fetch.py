"""Downloads of the specs that vendors serve, accepted only with the pinned hash."""

from __future__ import annotations

import hashlib

import httpx

from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.specs import FETCHED_SPECS_FOLDER, PinnedSpec

FETCH_TIMEOUT_SECONDS = 60.0
MAX_SPEC_BYTES = 50 * 1024 * 1024


def fetch_spec(pin: PinnedSpec, url: str) -> None:
    """Download a spec into `build/vendor-specs/`.

    Raises:
        SpecError: the spec cannot be downloaded, is too long, or is not the pinned one.
    """
    content = _download(url)
    actual = hashlib.sha256(content).hexdigest()
    if actual != pin.sha256:
        raise SpecError(
            f"the vendor's spec has changed: its sha256 is {actual}. Review it, then pin it in vendor-specs.lock"
        )
    target = FETCHED_SPECS_FOLDER / pin.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _download(url: str) -> bytes:
    content = bytearray()
    try:
        with httpx.stream("GET", url, timeout=FETCH_TIMEOUT_SECONDS, follow_redirects=True) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_SPEC_BYTES:
                    raise SpecError(f"the spec is longer than {MAX_SPEC_BYTES} bytes")
    except httpx.HTTPError as error:
        raise SpecError(f"{url} cannot be downloaded: {error}") from None
    return bytes(content)
