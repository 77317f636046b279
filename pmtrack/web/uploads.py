"""Uploaded files above the limit are never written anywhere: their bytes are read past, and the form says so."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

UPLOAD_LIMIT = 25 * 1024 * 1024
# What a form adds around a file: boundaries and its other fields.
FRAME = 64 * 1024


class LimitHandler(FileUploadHandler):
    """First of the upload handlers: skips the files of a request that announces more than the limit."""

    skips = False

    def handle_raw_input(self, input_data: Any, meta: dict[str, Any], content_length: int, *rest: Any) -> None:
        """Note what the request announces."""
        self.skips = content_length > UPLOAD_LIMIT + FRAME

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Skip a file that would be too large."""
        super().new_file(*args, **kwargs)
        if self.skips:
            raise SkipFile("The request is over the limit.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leave the bytes to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""


def is_too_large(request: HttpRequest) -> bool:
    """Whether the request's files were skipped for their size."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return announced.isdigit() and int(announced[:19]) > UPLOAD_LIMIT + FRAME
