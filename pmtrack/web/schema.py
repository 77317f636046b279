"""Ties the structs that decode requests to the OpenAPI document: what is documented is what is checked."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiParameter

_structs: list[type[Any]] = []
_words: set[str] = set()
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and how to mend it."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
# Every GET is below ``fresh_answer``; a test asks each of them twice.
ETAG = {"description": "Stands for what was told. Send it back as If-None-Match.", "schema": {"type": "string"}}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the answer that the client holds: 304 where nothing has changed since.",
    "schema": {"type": "string", "example": 'W/"7-0b5e4c1d0f2a49b28a0a3f64e3a7c9d1"'},
}
NOT_MODIFIED = {
    "description": "Nothing has changed since the answer with this ETag. There is no body.",
    "headers": {"ETag": ETAG},
}
EVERYWHERE = (400, 401, 403, 404, 405, 406, 411, 413, 415, 429, 503)


def body_schema(struct: type[Any]) -> dict[str, Any]:
    """The request body of a call, for ``extend_schema(request=…)``."""
    return {"application/json": component(struct)}


def component(struct: type[Any]) -> dict[str, Any]:
    """A reference to the struct's schema, which the document will hold."""
    if struct not in _structs:
        _structs.append(struct)
    return {"$ref": f"#/components/schemas/{struct.__name__}"}


def answers(*codes: int, struct: type[Any] | None = None, page_of: type[Any] | None = None) -> Any:
    """Responses for ``extend_schema(responses=…)``: the given success codes with one shape, and every problem."""
    shape: dict[str, Any] = {"type": "object"}
    if struct is not None:
        shape = component(struct)
    if page_of is not None:
        items = {"type": "array", "items": component(page_of)}
        shape = {"type": "object", "properties": {"items": items, "next": {"type": ["string", "null"]}}}
    good = {(code, "application/json"): shape for code in codes}
    problem = {"$ref": "#/components/schemas/Problem"}
    bad = {(code, "application/problem+json"): problem for code in (*EVERYWHERE, 409, 422) if code not in codes}
    return {**good, **bad}


def query(
    name: str, description: str, *, kind: str = "string", format: str = "", choices: Sequence[str] = ()
) -> OpenApiParameter:
    """One optional query parameter, for ``extend_schema(parameters=…)``."""
    _words.add(name)
    schema: dict[str, Any] = {"type": kind}
    if format:
        schema["format"] = format
    if choices:
        schema["enum"] = list(choices)
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description)


PAGING = (
    query("limit", "Rows a page: 1 to 200, 50 unless told.", kind="integer"),
    query("cursor", "The 'next' of the page before."),
)


def name_words(*words: str) -> None:
    """Add to ``known_names`` words of ours that are neither fields nor parameters, at import."""
    _words.update(words)


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """Every field and query parameter of ours: words that may be repeated where what clients sent may not."""
    _, schemas = msgspec.json.schema_components(_structs, ref_template="{name}")
    fields = {name for schema in schemas.values() for name in schema.get("properties", ())}
    return frozenset(fields | _words)


def add_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's post-processing hook: puts the structs, the problem and what GETs share into the document."""
    _, schemas = msgspec.json.schema_components(_structs, ref_template="#/components/schemas/{name}")
    held = result.setdefault("components", {}).setdefault("schemas", {})
    held.update(schemas)
    held["Problem"] = PROBLEM_SCHEMA
    for operation in (methods["get"] for methods in result["paths"].values() if "get" in methods):
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)
        operation["responses"]["200"].setdefault("headers", {})["ETag"] = ETAG
        operation["responses"]["304"] = NOT_MODIFIED
    return result


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document, made once for each process."""
    generator: Any = SchemaGenerator  # untyped upstream
    made: dict[str, Any] = generator().get_schema(request=None, public=True)
    return made


@lru_cache(maxsize=1)
def _encoded() -> bytes:
    return msgspec.json.encode(document())


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document. It holds no data, so anyone may read it."""
    return HttpResponse(_encoded(), content_type="application/json")
