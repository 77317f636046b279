"""Pages of the metrics floor: the impact of teams, types and products."""

from django.urls import path

from metrics.views import impact, products

urlpatterns = [
    path("", impact.home, name="home"),
    path("impact/", impact.team_impact, name="team_impact"),
    path("impact/internal/", impact.type_impact, {"type": "I"}, name="internal_impact"),
    path("impact/external/", impact.type_impact, {"type": "E"}, name="external_impact"),
    path("products/<slug:slug>/", products.product, name="product"),
]
