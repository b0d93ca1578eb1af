"""The JSON API at /api/: the routers of both apps, error handlers, and the OpenAPI page."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.types import DictStrAny
from pydantic.alias_generators import to_camel
from pynamodb.exceptions import PynamoDBException

from candidate_portal.access import ThrottledError as PasscodesThrottled
from candidate_portal.api import router as candidate_router
from dashboard.api.audit_log import router as audit_router
from dashboard.api.auth import SecondFactorRequiredError, SessionAuth, TokenAuth
from dashboard.api.bulk_invitations import router as batch_router
from dashboard.api.candidate_data import router as candidate_data_router
from dashboard.api.challenges import router as challenge_router
from dashboard.api.comparison import router as comparison_router
from dashboard.api.emails import router as mail_router
from dashboard.api.interviews import router as staff_router
from dashboard.api.operations import router as operation_router
from dashboard.api.reviews import router as review_router
from dashboard.api.start_times import router as timing_router
from dashboard.api.submissions.checks import router as check_router
from dashboard.api.submissions.progress import router as progress_router
from dashboard.api.submissions.submissions import router as submission_router
from dashboard.api.webhooks import router as webhook_router
from dashboard.api.workspaces import router as workspace_router
from dashboard.second_factor import requirement
from interviews.lifecycle import IllegalTransitionError
from interviews.models import StaleWriteError
from interviews.pagination.cursors import InvalidCursorError
from interviews.schemas.validation_messages import validation_message
from operations.actions import IdempotencyKeyReusedError, InvalidInputError, WrongStateError
from operations.exceptions import CONFLICT_MESSAGE
from takehome_platform.api.document import DESCRIPTION, TAGS
from takehome_platform.api.document_access import describes_api
from takehome_platform.api.reference import ReferenceDocs
from takehome_platform.errors import (
    error_json,
    is_store_unavailable,
    service_unavailable,
)
from takehome_platform.request_limits.body_sizes import MAX_BODY_BYTES


class JsonParser(Parser):
    """Accepts standard JSON only: no NaN, and a limit for nesting and length."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The body as an object.

        Raises:
            ValueError: if it is no JSON object, or too large or nested too deeply.
        """
        if len(request.body) > MAX_BODY_BYTES:
            raise ValueError("The body is too large.")
        try:
            body = json.loads(request.body, parse_constant=_reject_constant)
        except RecursionError:
            raise ValueError("The body is nested too deeply.") from None
        if not isinstance(body, dict):
            raise ValueError("The body is not an object.")
        return body


def _reject_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON.")


# Clients are generated from the operation ids, so they keep the names of the modules in which the
# endpoints first stood.
OPERATION_ID_PREFIXES = {
    "dashboard.api.audit_log": "dashboard_audit_api",
    "dashboard.api.bulk_invitations": "dashboard_batch_api",
    "dashboard.api.challenges": "dashboard_challenge_api",
    "dashboard.api.emails": "dashboard_mail_api",
    "dashboard.api.interviews": "dashboard_api",
    "dashboard.api.interviews.delete": "dashboard_list_api",
    "dashboard.api.interviews.interviews": "dashboard_list_api",
    "dashboard.api.operations": "dashboard_api",
    "dashboard.api.start_times": "dashboard_timing_api",
    "dashboard.api.submissions.checks": "dashboard_api_checks",
    "dashboard.api.submissions.progress": "dashboard_api_progress",
    "dashboard.api.submissions.submissions": "dashboard_api_submissions",
    "dashboard.api.webhooks": "dashboard_webhook_api",
    "dashboard.api.workspaces": "dashboard_workspace_api",
}


class PlatformAPI(NinjaAPI):
    """The API with operation ids that do not follow the modules when those move."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._documents: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: DictStrAny | None = None
    ) -> OpenAPISchema:
        """The OpenAPI document; a process makes it once for each prefix. Nobody may change it.

        To make it takes ten times as long as to render it as a page.
        """
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._documents[prefix]

    def get_openapi_operation_id(self, operation: Operation) -> str:
        module, name = operation.view_func.__module__, operation.view_func.__name__
        prefix = OPERATION_ID_PREFIXES.get(f"{module}.{name}") or OPERATION_ID_PREFIXES.get(module)
        return f"{prefix or module.replace('.', '_')}_{name}"


api = PlatformAPI(
    title="Takehome Platform",
    version="1",
    description=DESCRIPTION,
    openapi_extra={"tags": TAGS},
    urls_namespace="api",
    # Staff only, unless an endpoint says otherwise: a forgotten line must not make it public.
    auth=[TokenAuth(), SessionAuth()],
    docs=ReferenceDocs(),
    docs_decorator=describes_api,
    parser=JsonParser(),
)
api.add_router("", candidate_router, auth=None)
api.add_router("", staff_router)
api.add_router("", submission_router)
api.add_router("", review_router)
api.add_router("", check_router)
api.add_router("", operation_router)
api.add_router("", timing_router)
api.add_router("", challenge_router)
api.add_router("", comparison_router)
api.add_router("", progress_router)
api.add_router("", batch_router)
api.add_router("", mail_router)
api.add_router("", webhook_router)
api.add_router("", workspace_router)
api.add_router("", audit_router)
api.add_router("", candidate_data_router)


@api.exception_handler(ValidationError)
def _handle_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Report the first error; its location is ("body", <our parameter>, <the field>, ...)."""
    first: dict[str, Any] = error.errors[0]
    location = [part for part in first["loc"] if isinstance(part, str)]
    is_whole_body = location[0] == "body" and len(location) < 3
    return error_json(
        422, validation_message(first), field="body" if is_whole_body else location[-1]
    )


@api.exception_handler(InvalidInputError)
def _handle_invalid_input(request: HttpRequest, error: InvalidInputError) -> HttpResponse:
    return error_json(422, error.message, field=to_camel(error.field))


@api.exception_handler(InvalidCursorError)
def _handle_invalid_cursor(request: HttpRequest, error: InvalidCursorError) -> HttpResponse:
    return error_json(422, _("This cursor isn't valid for this list."), field="cursor")


@api.exception_handler(SecondFactorRequiredError)
def _handle_second_factor_required(
    request: HttpRequest, error: SecondFactorRequiredError
) -> HttpResponse:
    return error_json(403, str(requirement.MESSAGE), code=requirement.CODE)


@api.exception_handler(WrongStateError)
def _handle_wrong_state(request: HttpRequest, error: WrongStateError) -> HttpResponse:
    return error_json(409, str(error))


@api.exception_handler(IdempotencyKeyReusedError)
def _handle_reused_idempotency_key(
    request: HttpRequest, error: IdempotencyKeyReusedError
) -> HttpResponse:
    return error_json(409, str(error), code="used_key", field="Idempotency-Key")


@api.exception_handler(StaleWriteError)
@api.exception_handler(IllegalTransitionError)
def _handle_conflict(request: HttpRequest, error: Exception) -> HttpResponse:
    return error_json(409, str(CONFLICT_MESSAGE))


@api.exception_handler(Http404)
def _handle_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return error_json(404, str(error))


@api.exception_handler(HttpError)
def _handle_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 400:
        return error_json(400, _("The body must be a JSON object."), code="bad_json")
    response = error_json(error.status_code, error.message)
    if isinstance(error, Throttled) and error.wait is not None:
        response["Retry-After"] = str(error.wait)
    return response


@api.exception_handler(PasscodesThrottled)
def _handle_throttled(request: HttpRequest, error: PasscodesThrottled) -> HttpResponse:
    response = error_json(429, str(error))
    response["Retry-After"] = str(error.retry_after)
    return response


@api.exception_handler(PynamoDBException)
def _handle_store_error(request: HttpRequest, error: PynamoDBException) -> HttpResponse:
    if not is_store_unavailable(error):
        raise error
    return service_unavailable(request, error)


@api.exception_handler(Exception)
def _handle_unexpected_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """Raise it again: Django logs it, and the errors middleware makes the response."""
    raise error
