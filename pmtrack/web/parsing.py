"""Strict reading of what clients send: bodies decoded once into typed structs, query parameters one by one.

msgspec lets duplicate keys, NUL characters, endless numbers and deep nesting through; one scan over the text catches these first.
"""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NoReturn, TypeVar

import msgspec
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from pmtrack.web.errors import FieldProblem, Problem

T = TypeVar("T")

SINGLE_LIMIT = 1024 * 1024
BATCH_LIMIT = 8 * 1024 * 1024
DEEPEST = 20
LONGEST_NUMBER = 40

# Takes an unclosed text up to the end in one step: starting again at each of its quotes would be quadratic.
STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+(?:"|\\?\Z)', re.DOTALL)
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
PLACE = re.compile(r" - at `(?:key in )?\$(.*)`$", re.DOTALL)
NAMED_INSTANT = re.compile(r"^'(\w+)' must lie")
NAMED_FIELD = re.compile(r"^Object (?:contains unknown|missing required) field `(.*)`$", re.DOTALL)
# What stands outside of texts, told apart by translating bytes: searching these is many times faster than expressions.
OF_NUMBERS = bytes(ord("0") if byte in b"0123456789.eE+-" else ord(" ") for byte in range(256))
LONG_NUMBER = b"0" * (LONGEST_NUMBER + 1)
SQUARE = bytes.maketrans(b"{}", b"[]")
NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


class StrictJSONParser(BaseParser):
    """Tells the REST framework that bodies are JSON; the views decode ``request.body`` themselves."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Not used by our views; strict all the same."""
        return decode(stream.read(), dict, limit=SINGLE_LIMIT)


def body_of(request: Request, *, limit: int) -> bytes:
    """The raw body, refused before it is read where it is too large, packed, or not JSON in UTF-8."""
    kind, _, charset = (request.META.get("CONTENT_TYPE") or "").lower().partition(";")
    if kind.strip() != "application/json" or charset.strip().replace('"', "") not in {"", "charset=utf-8"}:
        raise Problem(
            415, "unsupported-media-type", "Send JSON in UTF-8 with the header 'Content-Type: application/json'."
        )
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() not in {"", "identity"}:
        raise Problem(415, "unsupported-media-type", "Send the body as it is, without a Content-Encoding.")
    announced = request.META.get("CONTENT_LENGTH") or ""
    if not announced and request.META.get("HTTP_TRANSFER_ENCODING"):
        raise Problem(411, "length-required", "Send the header Content-Length; bodies in chunks are not read.")
    if announced.isdigit() and int(announced[:19]) > limit:
        raise too_large(limit)
    try:
        body = request._request.body
    except UnreadablePostError:
        raise Problem(400, "cut-off", "The body ended before its announced length. Send it again.") from None
    if len(body) > limit:
        raise too_large(limit)
    return body


def too_large(limit: int) -> Problem:
    """413, with the limit in words."""
    return Problem(413, "too-large", f"The body is over {limit // (1024 * 1024)} MiB. Send it in several batches.")


def decode(body: bytes, kind: type[T], *, limit: int = SINGLE_LIMIT) -> T:
    """Decode ``body`` into ``kind``. Raises a 400 ``Problem`` that points at the field."""
    if len(body) > limit:
        raise too_large(limit)
    scan(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        problem = field_problem(str(error), kind)
        raise Problem(400, "bad-field", f"{problem.pointer}: {problem.detail}", errors=[problem]) from None
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        _malformed(str(error))


def field_problem(message: str, kind: Any, base: str = "") -> FieldProblem:
    """msgspec's sentence about a value of type ``kind`` as a field problem with a JSON pointer below ``base``."""
    found = PLACE.search(message)
    said = PLACE.sub("", message)[:300]
    path = [part for part in re.split(r"[.\[\]]+", found.group(1) if found else "") if part]
    code, hint = "invalid", ""
    if named := NAMED_FIELD.search(said):
        code = "unknown" if "unknown" in said else "missing"
        hint = " Leave it out; see /api/openapi.json for the known ones." if code == "unknown" else " Add it."
        path.append(named.group(1)[:60].replace("~", "~0").replace("/", "~1"))
    elif instant := NAMED_INSTANT.match(said):
        path.append(instant.group(1))
    elif choices := _choices(msgspec.inspect.type_info(kind), path):
        hint = f" Use one of: {', '.join(map(str, choices))}."
    return FieldProblem(base + "".join(f"/{part}" for part in path), code, f"{said}.{hint}")


def refuse_unlikely(**instants: datetime | None) -> None:
    """For a struct's ``__post_init__``: years that a calendar or a time zone stumbles over are a sender's mistake."""
    for name, value in instants.items():
        if value is not None and not 1970 <= value.year <= 9998:
            raise ValueError(f"'{name}' must lie between the years 1970 and 9998")


def _choices(kind: msgspec.inspect.Type, path: Sequence[str]) -> Sequence[Any]:
    """The values that a field of closed choice takes; empty for every other field."""
    for part in path:
        kind = _bare(kind)
        if isinstance(kind, msgspec.inspect.StructType):
            kind = next((field.type for field in kind.fields if field.encode_name == part), msgspec.inspect.AnyType())
        elif isinstance(kind, msgspec.inspect.ListType):
            kind = kind.item_type
    kind = _bare(kind)
    return kind.values if isinstance(kind, msgspec.inspect.LiteralType) else ()


def _bare(kind: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """The type without its limits and descriptions."""
    while isinstance(kind, msgspec.inspect.Metadata):
        kind = kind.type
    return kind


def _malformed(reason: str) -> NoReturn:
    raise Problem(400, "malformed-json", f"The body is not one valid JSON document in UTF-8: {reason}.") from None


def scan(body: bytes) -> None:
    """Refuse what the decoder lets through: bad UTF-8, NUL, endless numbers, deep nesting, keys given twice."""
    try:
        body.decode()
    except UnicodeDecodeError:
        _malformed("it is not UTF-8")
    if b"u0000" in body and NUL.search(body):
        _malformed("a text holds the character NUL, which cannot be stored")
    # Without escapes every second quote closes a text; splitting costs a third of the expression.
    bones = STRING.sub(b"", body) if b"\\" in body else b"".join(body.split(b'"')[::2])
    if LONG_NUMBER in bones.translate(OF_NUMBERS):
        _malformed(f"a number has more than {LONGEST_NUMBER} digits")
    if _is_deep(bones.translate(SQUARE, NOT_BRACKETS)):
        _malformed(f"it is nested more than {DEEPEST} levels deep")
    if bones.count(b":") != _keys_read(body, objects=bones.count(b"{")):
        refuse_duplicate_keys(body)


def _is_deep(brackets: bytes) -> bool:
    """Each pass takes the innermost pairs away; a pair that is left after twenty passes held twenty levels more."""
    for _ in range(DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return b"[]" in brackets


def _keys_read(body: bytes, *, objects: int) -> int:
    """How many keys are left when each of the ``objects`` keeps one of each name; -1 where the body is not JSON."""
    try:
        whole = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return -1
    found = _keys_of_rows(whole, objects)
    return _keys_in(whole) if found is None else found


def _keys_of_rows(whole: Any, objects: int) -> int | None:
    """The keys of a batch: one object with a list of flat ones. None where that is not all there is."""
    if not isinstance(whole, dict):
        return None
    rows = next((value for value in whole.values() if isinstance(value, list)), [])
    if len(rows) + 1 != objects or set(map(type, rows)) != {dict}:
        return None  # an object elsewhere, or one that a repeated key has lost
    return len(whole) + sum(map(len, rows))


def _keys_in(value: Any) -> int:
    if isinstance(value, dict):
        inner = [one for one in value.values() if isinstance(one, (dict, list))]
        return len(value) + (sum(map(_keys_in, inner)) if inner else 0)
    return sum(map(_keys_in, value)) if isinstance(value, list) else 0


def refuse_duplicate_keys(body: bytes) -> None:
    """A key given twice would silently lose one of its values."""

    def pairs(items: list[tuple[str, Any]]) -> None:
        if len(dict(items)) != len(items):
            keys = [key for key, _ in items]
            raise _DuplicateKey(next(key for key in keys if keys.count(key) > 1)[:60])

    try:
        json.loads(body, object_pairs_hook=pairs, parse_float=lambda text: None, parse_int=lambda text: None)
    except _DuplicateKey as error:
        _malformed(f"the key '{error}' is given twice in one object")
    except (ValueError, RecursionError):
        return  # not JSON at all: the decoder says where


class _DuplicateKey(Exception):
    """Raised inside the scan only."""


def parameters(request: HttpRequest | Request, *allowed: str) -> dict[str, str]:
    """The query parameters, each known and given once. Raises a 400 ``Problem`` otherwise."""
    given = request.GET
    for name in given:
        if name not in allowed:
            known = ", ".join(allowed) or "none"
            raise bad_parameter(name, f"'{name[:40]}' is not a parameter of this call. Known: {known}.")
        if len(given.getlist(name)) > 1:
            raise bad_parameter(name, f"'{name}' is given more than once. Give it once.")
        if "\x00" in given[name] or len(given[name]) > 1000:
            raise bad_parameter(name, f"'{name}' holds what cannot be searched for.")
    return {name: given[name] for name in given if given[name] != ""}


def bad_parameter(name: str, detail: str) -> Problem:
    """400 for one query parameter."""
    return Problem(400, "bad-parameter", detail, errors=[FieldProblem(f"?{name[:40]}", "invalid", detail)])


def choice_parameter(given: dict[str, str], name: str, choices: Sequence[str]) -> str | None:
    """A query parameter that takes one of ``choices``."""
    if name in given and given[name] not in choices:
        raise bad_parameter(name, f"'{name}' must be one of: {', '.join(choices)}.")
    return given.get(name)


def day_parameter(given: dict[str, str], name: str) -> date | None:
    """A query parameter as a day, ``YYYY-MM-DD``."""
    if name not in given:
        return None
    try:
        return msgspec.convert(given[name], date)
    except msgspec.ValidationError:
        raise bad_parameter(name, f"'{name}' must be a day like 2026-06-15.") from None


def instant_parameter(given: dict[str, str], name: str) -> datetime | None:
    """A query parameter as an instant with an offset."""
    if name not in given:
        return None
    try:
        value = msgspec.convert(given[name].replace(" ", "+"), datetime)
    except msgspec.ValidationError:
        value = None
    if value is None or value.tzinfo is None:
        raise bad_parameter(name, f"'{name}' must be an instant with an offset, like 2026-06-15T09:30:00Z.")
    return value
