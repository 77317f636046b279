"""An example as the two texts that people copy: a curl command and a Python program that needs nothing but Python."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from pmtrack.reference.examples import Example
from pmtrack.reference.names import filled


def curl(example: Example, *, base: str, words: Mapping[str, str]) -> str:
    """The command; it takes the token from the environment."""
    lines = ["curl -sS " + _url(example, base, words), '-H "Authorization: Bearer $PMTRACK_TOKEN"']
    if example.body is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(_json(filled(example.body, words)))}"]
    return " \\\n  ".join(lines)


def python(example: Example, *, base: str, words: Mapping[str, str]) -> str:
    """The program; it takes the token from the environment and prints the status and the answer."""
    headers = ['"Authorization": f"Bearer {os.environ[\'PMTRACK_TOKEN\']}"']
    body = ""
    if example.body is not None:
        headers.append('"Content-Type": "application/json"')
        body = f"body = {_python(filled(example.body, words))}\n"
    data = ", data=json.dumps(body).encode()" if body else ""
    return (
        "import json, os, urllib.request\n\n"
        f"{body}"
        f"headers = {{{', '.join(headers)}}}\n"
        f"url = {_url(example, base, words)}\n"
        f"request = urllib.request.Request(url, headers=headers{data})\n"
        "with urllib.request.urlopen(request) as answer:\n"
        "    print(answer.status, json.dumps(json.load(answer), indent=2))"
    )


def answer_text(value: Any) -> str:
    """An answer as people read JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _url(example: Example, base: str, words: Mapping[str, str]) -> str:
    """The address between quotation marks that a shell and Python both read as they stand."""
    address = f"{base}{filled(example.path, words)}"
    if "'" in address or "\\" in address:
        raise ValueError(f"An example's address needs no quoting: {address}")
    return f"'{address}'"


def _json(body: Any) -> str:
    """Short bodies on few lines: one line for each item of a list."""
    return _laid_out(body, lambda value: json.dumps(value, ensure_ascii=False))


def _python(body: Any) -> str:
    return _laid_out(body, repr)


def _laid_out(body: Any, write: Any, indent: str = "") -> str:
    """``body`` with objects broken into lines where one line would be longer than 70 letters."""
    flat: str = write(body)
    if len(flat) <= 70 or not isinstance(body, dict | list):
        return flat
    deeper = indent + "  "
    if isinstance(body, list):
        inner = [f"{deeper}{_laid_out(value, write, deeper)}" for value in body]
        return "[\n" + ",\n".join(inner) + f"\n{indent}]"
    inner = [f"{deeper}{write(key)}: {_laid_out(value, write, deeper)}" for key, value in body.items()]
    return "{\n" + ",\n".join(inner) + f"\n{indent}}}"
