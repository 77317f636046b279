"""Files that people chose to upload, kept between looking at them and storing what they say."""

from typing import ClassVar

from django.db import models

from metrics.models.kpis import Kpi
from products.models import User


class Upload(models.Model):
    """A table of days as text, its owner's alone, gone after a day. Nothing in it is a fact before it is stored."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200, help_text="The file's name, for its owner's eyes.")
    encoding = models.CharField(max_length=12)
    text = models.TextField()
    kept_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("kept_at")), name="metrics_upload_expires_later"
            )
        ]
        # Serves the sweep.
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="metrics_uploads_by_expiry")]

    def __str__(self) -> str:
        return f"{self.name} for {self.kpi_id}"
