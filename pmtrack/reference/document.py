"""The OpenAPI document as what a page prints: calls with their fields, limits, scopes and answers; and every shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pmtrack.web.schema import document

PREFIX = "/api/v1"
FORMATS = {
    "date": "day, like 2026-06-15",
    "date-time": "instant, like 2026-06-15T09:30:00+02:00",
    "decimal": "number, or its digits as text",
    "uuid": "UUID",
}
KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field or parameter: what it takes in words, and the shape behind it ("" for a plain value)."""

    name: str
    kind: str
    shape: str
    is_required: bool
    default: str
    words: str


@dataclass(frozen=True, slots=True)
class Call:
    """One operation: its address, what a token needs, what it takes and what it gives."""

    operation: str
    method: str
    path: str
    words: str
    scope: str
    takes_session: bool
    parameters: tuple[Field, ...]
    body_shape: str
    body: tuple[Field, ...]
    answer_shape: str
    answer: tuple[Field, ...]
    good: tuple[int, ...]
    bad: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A named object of the document."""

    name: str
    words: str
    fields: tuple[Field, ...]


@cache
def calls() -> dict[str, Call]:
    """Every operation of the document by its id; made once for each process."""
    found = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            found[operation["operationId"]] = _call(path, method.upper(), operation)
    return found


@cache
def shapes() -> tuple[Shape, ...]:
    """Every named shape, by name; made once for each process."""
    held = document()["components"]["schemas"]
    return tuple(
        Shape(name, plain(schema.get("description", "")), _fields(schema)) for name, schema in sorted(held.items())
    )


def plain(words: str) -> str:
    """A docstring's words on one line, ``name`` as “name”."""
    parts = " ".join(words.split()).split("``")
    return "".join(part if place % 2 == 0 else f"“{part}”" for place, part in enumerate(parts))


def _call(path: str, method: str, operation: Mapping[str, Any]) -> Call:
    body = _schema_of(operation.get("requestBody", {}))
    codes = sorted(int(code) for code in operation["responses"])
    good = tuple(code for code in codes if "application/json" in operation["responses"][str(code)].get("content", {}))
    answer = _schema_of(operation["responses"][str(good[0])])
    body_shape, answer_shape = _shape(body), _shape(answer)
    security = operation.get("security", [])
    return Call(
        operation=operation["operationId"],
        method=method,
        path=path.removeprefix(PREFIX),
        words=plain(operation.get("description", "")),
        scope=next((scope for one in security for scope in one.get("token", [])), ""),
        takes_session=any("session" in one for one in security),
        parameters=tuple(_parameter(one) for one in _in_order(operation.get("parameters", []))),
        body_shape=body_shape,
        body=_fields(_resolved(body)),
        answer_shape=answer_shape,
        answer=_fields(_resolved(answer)),
        good=good,
        bad=tuple(code for code in codes if code >= 400 and code not in good),
    )


def _in_order(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the path first, those that turn pages last. Headers are the same for all, and said once."""
    last = ("limit", "cursor", "page")
    asked = [one for one in parameters if one["in"] != "header"]
    return sorted(asked, key=lambda one: (one["in"] != "path", one["name"] in last))


def _schema_of(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = _shape(schema) if "$ref" in schema else ""
    found: Mapping[str, Any] = document()["components"]["schemas"][name] if name else schema
    return found


def _shape(schema: Mapping[str, Any]) -> str:
    """The name of the shape behind a schema: its own, its items', or that of the one choice that is not null."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "items" in schema and isinstance(schema["items"], Mapping):
        return _shape(schema["items"])
    return next((name for one in schema.get("anyOf", []) if (name := _shape(one))), "")


def _parameter(parameter: Mapping[str, Any]) -> Field:
    schema = parameter["schema"]
    words = parameter.get("description", "") or ("In the address." if parameter["in"] == "path" else "")
    return Field(parameter["name"], kind_of(schema), "", bool(parameter.get("required")), "", plain(words))


def _fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    required = schema.get("required", [])
    return tuple(
        Field(name, kind_of(one), _shape(one), name in required, _default(one), plain(_description(one)))
        for name, one in schema.get("properties", {}).items()
    )


def _description(schema: Mapping[str, Any]) -> str:
    inner = (str(one.get("description", "")) for one in schema.get("anyOf", []))
    return str(schema.get("description", "")) or next((words for words in inner if words), "")


def _default(schema: Mapping[str, Any]) -> str:
    """The default where it says something; an empty one does not."""
    held = schema.get("default")
    return "" if held in (None, "", []) else str(held).lower() if isinstance(held, bool) else str(held)


def kind_of(schema: Mapping[str, Any]) -> str:
    """What a value is, with its limits, in words."""
    if "$ref" in schema:
        return _shape(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind_of(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return "one of " + ", ".join(f"“{value}”" if value != "" else "“” (not said)" for value in schema["enum"])
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        return " or ".join(KINDS[one] for one in kind)
    if kind == "array":
        return _list_of(schema)
    if kind == "integer":
        return _between("whole number", schema.get("minimum"), schema.get("maximum"))
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if kind == "string":
        return _text(schema)
    return KINDS[kind]


def _list_of(schema: Mapping[str, Any]) -> str:
    item = "objects" if schema.get("items") == {"type": "object"} else ""
    item = item or kind_of(schema["items"]) if isinstance(schema.get("items"), Mapping) and schema["items"] else "value"
    least, most = schema.get("minItems"), schema.get("maxItems")
    limits = "" if most is None else f", {least:,} to {most:,}" if least else f", at most {most:,}"
    return f"list of {item}{limits}"


def _text(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minLength"), schema.get("maxLength")
    limits = (
        "" if most is None else f", {least:,} to {most:,} characters" if least else f", at most {most:,} characters"
    )
    if "[-a-zA-Z0-9_]+" in schema.get("pattern", ""):
        return f"slug: letters, digits, - and _{limits}"
    return f"text{limits}"


def _between(noun: str, least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return noun
    return f"{noun}, {least:,} to {most:,}" if most is not None else f"{noun} from {least:,} on"
