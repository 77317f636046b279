"""Log lines that can be searched and hold no personal data: JSON in production, words under `manage.py up`.

Only our own loggers' sentences are shown in full. What an exception says may quote what somebody sent, so a line names
its class, its SQLSTATE and where it was raised; what libraries say is shown without the values that they put in.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pmtrack.web.request_ids import current

ROOT = Path(__file__).resolve().parents[2]
OURS = ("pmtrack", "metrics", "feedback", "products")
# These put addresses, host names or tracebacks of others into their sentences; the access line says the rest.
FIXED = {
    "django.request": "a request was not answered with success",
    "django.security": "a request was refused because it does not look right",
    "django.server": "a request was served",
    "celery.app.trace": "a job ended",
}
QUOTED = re.compile(r"(?<!\w)['\"“`].*?(?:['\"”`](?!\w)|$)", re.DOTALL)
MAIL = re.compile(r"\S+@\S+")
HIDDEN = "…"
DEEPEST = 30


def describe(error: BaseException, *, with_words: bool = False) -> str:
    """The class of an exception, PostgreSQL's SQLSTATE and constraint where it has them; its own words only if asked."""
    cause = error if hasattr(error, "pgcode") else error.__cause__
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    parts = [type(error).__qualname__, getattr(cause, "pgcode", None), constraint]
    said = " ".join(str(part) for part in parts if part)
    return f"{said}: {error}" if with_words else said


def trace(error: BaseException, *, with_words: bool = False) -> list[str]:
    """An exception and those before it, each with the places it came through, oldest first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = trace(before, with_words=with_words) if before is not None else []
    for frame, line in list(traceback.walk_tb(error.__traceback__))[-DEEPEST:]:
        lines.append(f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}")
    return [*lines, describe(error, with_words=with_words)]


def _place(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-3:])


class Line(logging.Formatter):
    """What both kinds of lines hold."""

    def __init__(self, *, role: str, with_words: bool = False) -> None:
        super().__init__()
        self.role = role
        self.with_words = with_words

    def message(self, record: logging.LogRecord) -> str:
        """The sentence of a record, without what others put into it."""
        if self.with_words:
            return record.getMessage()
        fixed = next((text for name, text in FIXED.items() if _is_of(record.name, name)), None)
        if fixed is not None:
            return fixed
        if not any(_is_of(record.name, name) for name in OURS):
            return MAIL.sub(HIDDEN, QUOTED.sub(HIDDEN, str(record.msg)))
        args = record.args
        if isinstance(args, tuple):
            args = tuple(describe(arg) if isinstance(arg, BaseException) else arg for arg in args)
        return str(record.msg) % args if args else str(record.msg)

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """Which request, job and person (by number) a record is about."""
        found = {"request_id": current.get(), **getattr(record, "fields", {})}
        if isinstance(job := getattr(record, "data", None), dict) and record.name == "celery.app.trace":
            found |= {"task": job.get("name"), "task_id": job.get("id")}
        if _is_of(record.name, "django.request") and hasattr(record, "status_code"):
            found["status"] = record.status_code
        return {name: value for name, value in found.items() if value not in ("", None)}

    def trace(self, record: logging.LogRecord) -> list[str]:
        """The exception of a record, in lines."""
        error = record.exc_info[1] if record.exc_info else None
        return trace(error, with_words=self.with_words) if error is not None else []


class JsonLine(Line):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record for machines."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "role": self.role,
            "logger": record.name,
            "message": self.message(record),
            **self.fields(record),
        }
        if lines := self.trace(record):
            line["exception"] = lines
        return json.dumps(line, default=str, ensure_ascii=False)


class WordsLine(Line):
    """One line for people, and an exception below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record for people."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(sep=" ", timespec="milliseconds")[:23]
        rest = "".join(f" {name}={value}" for name, value in self.fields(record).items())
        line = f"{at} {record.levelname} {record.name} {self.message(record)}{rest}"
        return "\n    ".join([line, *self.trace(record)])


def _is_of(name: str, parent: str) -> bool:
    return name == parent or name.startswith(parent + ".")
