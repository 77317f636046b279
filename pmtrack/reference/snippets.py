"""An example as the two texts that people copy: a curl command and a Python program that needs nothing but Python."""

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from pmtrack.reference.examples import Example
from pmtrack.reference.names import filled

WIDEST = 64


def curl(example: Example, *, base: str, words: Mapping[str, str]) -> str:
    """The command; it takes the token from the environment."""
    lines = ["curl -sS " + _url(example, base, words), '-H "Authorization: Bearer $PMTRACK_TOKEN"']
    if example.body is not None:
        lines += [
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(_laid_out(filled(example.body, words), _json, step='  '))}",
        ]
    return " \\\n  ".join(lines)


def curl_again(example: Example, *, base: str, words: Mapping[str, str]) -> str:
    """A GET that keeps the answer with its ETag in two files, and prints 304 instead of fetching it again unchanged."""
    kept = example.path.rpartition("?")[0].rpartition("/")[2] or "answer"
    lines = [
        "curl -sS " + _url(example, base, words),
        '-H "Authorization: Bearer $PMTRACK_TOKEN"',
        f"--etag-compare {kept}.etag --etag-save {kept}.etag",
        f"-o {kept}.json -w '%{{http_code}}\\n'",
    ]
    return " \\\n  ".join(lines)


def python(example: Example, *, base: str, words: Mapping[str, str]) -> str:
    """The program; it takes the token from the environment and prints the status and the answer."""
    lines = ["import json, os, urllib.request", "", f"url = {_url(example, base, words)}"]
    headers = ['    "Authorization": "Bearer " + os.environ["PMTRACK_TOKEN"],']
    if example.body is not None:
        headers.append('    "Content-Type": "application/json",')
        lines.append(f"body = {_laid_out(filled(example.body, words), _literal, step='    ')}")
    lines += ["headers = {", *headers, "}"]
    data = "None" if example.body is None else "json.dumps(body).encode()"
    lines += [
        f"request = urllib.request.Request(url, {data}, headers)",
        "with urllib.request.urlopen(request) as answer:",
        "    print(answer.status, json.dumps(json.load(answer), indent=2))",
    ]
    return "\n".join(lines)


def answer_text(value: Any) -> str:
    """An answer as people read JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _url(example: Example, base: str, words: Mapping[str, str]) -> str:
    """The address between quotation marks that a shell and Python both read as they stand."""
    address = f"{base}{filled(example.path, words)}"
    if "'" in address or "\\" in address:
        raise ValueError(f"An example's address needs no quoting: {address}")
    return f"'{address}'"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _literal(value: Any) -> str:
    """``value`` as Python writes it, with the quotation marks of JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return _json(value) if isinstance(value, str) else repr(value)


def _laid_out(body: Any, write: Callable[[Any], str], *, step: str, indent: str = "") -> str:
    """``body`` with objects and lists broken into lines where one line would be too long."""
    flat = write(body)
    if len(indent + flat) <= WIDEST or not isinstance(body, dict | list):
        return flat
    deeper = indent + step
    if isinstance(body, list):
        inner = [_laid_out(value, write, step=step, indent=deeper) for value in body]
    else:
        inner = [f"{write(key)}: {_laid_out(value, write, step=step, indent=deeper)}" for key, value in body.items()]
    opening, closing = ("[", "]") if isinstance(body, list) else ("{", "}")
    return opening + ",".join(f"\n{deeper}{one}" for one in inner) + f"\n{indent}{closing}"
