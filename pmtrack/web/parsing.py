"""Strict reading of what clients send: bodies decoded once into typed structs, query parameters one by one.

msgspec lets duplicate keys, NUL characters, endless numbers and deep nesting through; one scan over the text catches these first.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NoReturn, TypeVar

import msgspec
from django.http import HttpRequest
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from pmtrack.web.errors import FieldProblem, Problem

T = TypeVar("T")

SINGLE_LIMIT = 1024 * 1024
BATCH_LIMIT = 8 * 1024 * 1024
DEEPEST = 20
LONGEST_NUMBER = 40

# Strings, numbers and brackets: all that the scan needs to see.
TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+\-]*|[{}\[\]]', re.DOTALL)
BAD_ESCAPE = re.compile(rb"\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})")
LONE_LOW = re.compile(rb"(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}")
POINTER = re.compile(r" - at `\$(.*)`$", re.DOTALL)


class StrictJSONParser(BaseParser):
    """Tells the REST framework that bodies are JSON; the views decode ``request.body`` themselves."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Not used by our views; strict all the same."""
        return decode(stream.read(), dict, limit=SINGLE_LIMIT)


def body_of(request: Request, *, limit: int) -> bytes:
    """The raw body, refused before it is read where it is too large or is not JSON."""
    kind = (request.META.get("CONTENT_TYPE") or "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "unsupported-media-type", "Send JSON with the header 'Content-Type: application/json'.")
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > limit:
        raise too_large(limit)
    body = request._request.body
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
        raise Problem(400, "bad-field", "A field is not as it should be.", errors=[field_problem(str(error))]) from None
    except msgspec.DecodeError as error:
        _malformed(str(error))
    except (RecursionError, UnicodeDecodeError, ValueError) as error:
        _malformed(str(error))


def field_problem(message: str, base: str = "") -> FieldProblem:
    """msgspec's sentence as a field problem with a JSON pointer below ``base``."""
    found = POINTER.search(message)
    path = found.group(1) if found else ""
    pointer = base + re.sub(r"\[(\d+)\]", r"/\1", path).replace(".", "/").replace("[...]", "")
    return FieldProblem(pointer or "/", "invalid", f"{POINTER.sub('', message)}.")


def _malformed(reason: str) -> NoReturn:
    raise Problem(400, "malformed-json", f"The body is not one valid JSON document in UTF-8: {reason}.") from None


def scan(body: bytes) -> None:
    """Refuse what a lenient decoder lets through: bad UTF-8, NUL, lone surrogates, deep nesting, long numbers."""
    try:
        body.decode()
    except UnicodeDecodeError:
        _malformed("it is not UTF-8")
    if b"\\u" in body and (BAD_ESCAPE.search(body) or LONE_LOW.search(body)):
        _malformed("a text holds a NUL or half a surrogate pair, which cannot be stored")
    depth = 0
    for token in TOKENS.finditer(body):
        first = body[token.start()]
        if first in b"{[":
            depth += 1
            if depth > DEEPEST:
                _malformed(f"it is nested more than {DEEPEST} levels deep")
        elif first in b"}]":
            depth -= 1
        elif first != 0x22 and token.end() - token.start() > LONGEST_NUMBER:
            _malformed(f"a number has more than {LONGEST_NUMBER} digits")
    refuse_duplicate_keys(body)


def refuse_duplicate_keys(body: bytes) -> None:
    """A key given twice would silently lose one of its values."""

    def pairs(items: list[tuple[str, Any]]) -> None:
        keys = [key for key, _ in items]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise _DuplicateKey(twice[:60])

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


def pointers(prefix: str, count: int) -> Iterator[str]:
    """JSON pointers of the items of a batch."""
    return (f"{prefix}/{index}" for index in range(count))
