"""Property-based requests generated from the service's OpenAPI document.

Each gets a documented response and never a 5xx; a request that the document forbids is rejected.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from local_stack.stack import Stack
from tests.integration.access_matrix import ACCESS_MATRIX
from tests.integration.accounts import MakeUser
from tests.integration.api import TIMEOUT_SECONDS, ApiClient
from tests.integration.deployment import require_local_stack
from tests.thoroughness import THOROUGH, choose

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
FUZZ_SETTINGS = settings(
    max_examples=choose(3, 10),
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def document(stack: Stack) -> Any:
    """The OpenAPI document that the service serves."""
    source = httpx.get(f"{stack.url}/openapi.json", timeout=TIMEOUT_SECONDS).json()
    if not THOROUGH:
        # it takes 15 s to generate texts of a pattern and of up to 50,000 characters; without it a text may be blank
        del source["components"]["schemas"]["SynthesizeRequest"]["properties"]["text"]["pattern"]
    return schemathesis.openapi.from_dict(source)


@pytest.fixture
def fuzzing_admin(make_user: MakeUser) -> ApiClient:
    """An admin whose sessions the generated requests may end."""
    require_local_stack("creates users and keys")
    return make_user("admin")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("route", ACCESS_MATRIX, ids=" ".join)
def test_generated_requests_get_documented_responses(
    stack: Stack, document: Any, fuzzing_admin: ApiClient, route: tuple[str, str], mode: GenerationMode
) -> None:
    """Each route, with requests that its document allows and with requests that it forbids."""
    method, path = route
    operation = document[path][method]

    @FUZZ_SETTINGS
    @given(case=operation.as_strategy(generation_mode=mode))
    def check_response(case: Any) -> None:
        case.call_and_validate(base_url=stack.url, headers=fuzzing_admin.headers, checks=CHECKS)

    try:
        check_response()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # a request without parameters and body cannot be invalid
