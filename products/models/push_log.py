"""The push log: the last calls of each token, so that a pipeline's owner sees what was refused and why."""

from typing import ClassVar

from django.db import models

from products.models.tokens import ApiToken


class ApiCall(models.Model):
    """One call of the API that bore a known token, whether it held or not. Never a value that was sent."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="calls", db_index=False)
    called_at = models.DateTimeField()
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=120, help_text="The address with its names left open.")
    status = models.SmallIntegerField()
    stored = models.PositiveIntegerField()
    replayed = models.PositiveIntegerField()
    corrected = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField()
    request_id = models.UUIDField()
    problem = models.CharField(max_length=400, blank=True, help_text="What was wrong, without what was sent.")
    fields = models.JSONField(help_text="The first bad fields: [[JSON pointer, words], …].")

    class Meta:
        # The push log page and the trim both walk one token's calls from the newest.
        indexes: ClassVar = [models.Index(fields=["token", "-id"], name="products_apicall_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__gte=100, status__lt=600), name="products_apicall_status_is_http"
            )
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"
