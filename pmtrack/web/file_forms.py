"""The form in which a table is chosen: only what can be read as a table passes."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from pmtrack.web.tables.files import SheetText, Unreadable, decode, guess_delimiter, read_table
from pmtrack.web.uploads import UPLOAD_LIMIT

MEGABYTES = UPLOAD_LIMIT // (1024 * 1024)
TOO_LARGE = f"The file is over {MEGABYTES} MB. Split it into several files."


class FileForm(forms.Form):
    """A table. ``cleaned_data["file"]`` is its text; only what can be read as a table passes."""

    file = forms.FileField(
        allow_empty_file=True, error_messages={"required": "Choose a file.", "missing": "Choose a file."}
    )

    def clean_file(self) -> SheetText:
        """The file's text."""
        file: UploadedFile = self.cleaned_data["file"]
        self.file_name = file.name or ""
        if (file.size or 0) > UPLOAD_LIMIT or file.file is None:
            raise forms.ValidationError(TOO_LARGE)
        try:
            sheet = decode(file.file)
            read_table(sheet.text, guess_delimiter(sheet.text))
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from None
        return sheet
