"""Every REST route on one page. Addresses have no closing slash."""

from django.urls import path, re_path, register_converter

from feedback.api import diagnoses, feedback, reading
from metrics.api import (
    commitments,
    credit,
    dashboards,
    effects,
    enablements,
    events,
    experiments,
    kpis,
    readings,
    series,
    usage,
)
from pmtrack.reference.views import api_docs
from pmtrack.web.answers import no_such_address
from pmtrack.web.schema import openapi
from products.api import features, products, release_path, releases


class Key:
    """A key like ``R-123`` in an address; each kind of thing has its own letters."""

    letters = ""
    regex = ""

    def to_python(self, value: str) -> int:
        """The row's id."""
        return int(value.rpartition("-")[2])

    def to_url(self, value: int) -> str:
        """The key that people read."""
        return f"{self.letters}-{value}"


class ReleaseKey(Key):
    """``R-123``."""

    letters, regex = "R", r"R-[1-9][0-9]{0,17}"


class FeedbackKey(Key):
    """``FB-412``."""

    letters, regex = "FB", r"FB-[1-9][0-9]{0,17}"


class DiagnosisKey(Key):
    """``D-12``."""

    letters, regex = "D", r"D-[1-9][0-9]{0,17}"


class FeatureKey(Key):
    """``W-88``."""

    letters, regex = "W", r"W-[1-9][0-9]{0,17}"


class EnablementKey(Key):
    """``E-211``."""

    letters, regex = "E", r"E-[1-9][0-9]{0,17}"


register_converter(ReleaseKey, "release_key")
register_converter(FeedbackKey, "feedback_key")
register_converter(DiagnosisKey, "diagnosis_key")
register_converter(FeatureKey, "feature_key")
register_converter(EnablementKey, "enablement_key")


urlpatterns = [
    path("v1/release-events", releases.send_release_event, name="api_release_events"),
    path("v1/release-events:batch", releases.send_release_events, name="api_release_events_batch"),
    path("v1/releases", releases.list_releases, name="api_releases"),
    path("v1/releases/<release_key:number>", releases.read_release, name="api_release"),
    path("v1/releases/<release_key:number>/sign-offs", release_path.list_sign_offs, name="api_sign_offs"),
    path("v1/releases/<release_key:number>/announcements", release_path.list_announcements, name="api_announcements"),
    path("v1/products", products.list_products, name="api_products"),
    path("v1/products/<slug:slug>", products.read_product, name="api_product"),
    path("v1/kpis", kpis.list_kpis, name="api_kpis"),
    path("v1/kpis/<slug:slug>", kpis.read_kpi, name="api_kpi"),
    path("v1/kpis/<slug:slug>/readings", kpis.list_readings, name="api_readings"),
    path("v1/kpis/<slug:slug>/readings:batch", readings.push_kpi_readings, name="api_readings_batch"),
    path("v1/usage", usage.list_usage, name="api_usage"),
    path("v1/usage:batch", usage.push_usage_rows, name="api_usage_batch"),
    path("v1/feedback", feedback.feedback, name="api_feedback"),
    path("v1/feedback:batch", feedback.send_feedback_batch, name="api_feedback_batch"),
    path("v1/feedback/<feedback_key:number>", reading.read_feedback, name="api_feedback_entry"),
    path("v1/feedback/<feedback_key:number>/voices", reading.list_voices, name="api_voices"),
    path("v1/diagnoses", diagnoses.list_diagnoses, name="api_diagnoses"),
    path("v1/diagnoses/<diagnosis_key:number>", diagnoses.read_diagnosis, name="api_diagnosis"),
    path("v1/features", features.list_features, name="api_features"),
    path("v1/features/<feature_key:number>", features.read_feature, name="api_feature"),
    path("v1/effects", effects.list_effects, name="api_effects"),
    path("v1/commitments", commitments.commitments_call, name="api_commitments"),
    path("v1/commitments:take-back", commitments.take_commitment_back, name="api_commitment_taken_back"),
    path("v1/context-events", events.events_call, name="api_events"),
    path("v1/context-events:remove", events.remove_one, name="api_event_removed"),
    path("v1/experiments", experiments.experiments_call, name="api_experiments"),
    path("v1/experiments:take-back", experiments.take_back_one, name="api_experiment_taken_back"),
    path("v1/enablements", enablements.enablements, name="api_enablements"),
    path("v1/enablements/<enablement_key:number>", enablements.read_enablement, name="api_enablement"),
    path("v1/enablements/<enablement_key:number>/answer", enablements.answer_enablement, name="api_answer_enablement"),
    path("v1/credit", credit.list_credit, name="api_credit"),
    path("v1/credit/splits", credit.list_credit_splits, name="api_credit_splits"),
    path("v1/credit/totals", credit.list_credit_totals, name="api_credit_totals"),
    path("v1/assisted", credit.list_assisted, name="api_assisted"),
    path("v1/kpis/<slug:slug>/series", series.read_kpi_series, name="api_series"),
    path("v1/products/<slug:slug>/impact", dashboards.read_product_impact, name="api_product_impact"),
    path("v1/dashboards/team", dashboards.read_team_dashboard, name="api_team_dashboard"),
    path("v1/dashboards/internal", dashboards.read_internal_dashboard, name="api_internal_dashboard"),
    path("v1/dashboards/external", dashboards.read_external_dashboard, name="api_external_dashboard"),
    path("openapi.json", openapi, name="api_schema"),
    path("docs/", api_docs, name="api_docs"),
    # Last: whatever is not listed above.
    re_path(r"^.*$", no_such_address),
]
