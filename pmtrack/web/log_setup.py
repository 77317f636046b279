"""Django's LOGGING: one handler, lines without personal data. Imports nothing, because the settings import it."""

from typing import Any

OURS = ("pmtrack", "metrics", "feedback", "products")
LIBRARIES = ("celery", "kombu", "amqp")


def logging_settings(*, role: str, local: bool, level: str, with_words: bool) -> dict[str, Any]:
    """Words on one's own machine, JSON elsewhere; ``level`` is the least severe of our own loggers.

    ``with_words`` adds what exceptions and libraries say, which may quote what people sent: for one's own machine only.
    """
    kind = "WordsLine" if local else "JsonLine"
    line = {"()": f"pmtrack.web.log_lines.{kind}", "role": role, "with_words": local and with_words}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            **{app: {"level": level} for app in OURS},
            **{library: {"level": "WARNING"} for library in LIBRARIES},
        },
    }
