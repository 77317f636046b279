"""The rival of B2: intake as most would write it first, with a list serializer and ``bulk_create``.

It gets the same token check, the same batch and a table of its own, without the marks that ours leaves. It is written well:
one query for the KPI, no query a row, one upsert a batch.
"""

from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from metrics.models import Kpi
from products.api.authentication import requires_scope

AMOUNT = {"max_digits": 30, "decimal_places": 6}


class NaiveReading(models.Model):
    """A reading with a number of its own; the bench makes the table and drops it with its database."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    source = models.CharField(max_length=80)
    numerator = models.DecimalField(**AMOUNT)
    denominator = models.DecimalField(**AMOUNT, default=0)
    n = models.BigIntegerField(default=0)
    squares = models.DecimalField(max_digits=36, decimal_places=6, default=0)
    status = models.CharField(max_length=7, default="final", choices=[("partial", "Partial"), ("final", "Final")])
    recorded_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "bench"
        managed = False
        constraints = [models.UniqueConstraint(fields=["kpi", "day", "source"], name="bench_one_reading_a_day")]

    def __str__(self) -> str:
        return f"{self.kpi_id} on {self.day}"


class NaiveReadings(serializers.ListSerializer):
    """Stores what it validated in one statement."""

    def create(self, validated_data: list[dict[str, Any]]) -> list[NaiveReading]:
        """Insert, or replace what the day said before."""
        rows = [NaiveReading(**self.context["given"], **one) for one in validated_data]
        replaced = ["numerator", "denominator", "n", "squares", "status", "recorded_at"]
        key = ["kpi", "day", "source"]
        return NaiveReading.objects.bulk_create(rows, update_conflicts=True, unique_fields=key, update_fields=replaced)


class NaiveReadingSerializer(serializers.ModelSerializer):
    """One reading of the batch."""

    class Meta:
        model = NaiveReading
        list_serializer_class = NaiveReadings
        fields = ["day", "numerator", "denominator", "n", "squares", "status"]


class PushNaively(APIView):
    """A batch for one KPI, all or nothing, read by the framework's own parser."""

    permission_classes = (requires_scope("kpi:write"),)
    parser_classes = (JSONParser,)
    content_negotiation_class = DefaultContentNegotiation

    def post(self, request: Request, slug: str) -> Response:
        """Validate every reading, store them all."""
        given = {"kpi": get_object_or_404(Kpi, slug=slug), "source": request.data["source"]}
        many = NaiveReadingSerializer(data=request.data["readings"], many=True, context={"given": given})
        many.is_valid(raise_exception=True)
        many.save()
        return Response({"stored": len(many.validated_data)})
