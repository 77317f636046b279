"""Pages of the metrics floor: the impact of teams, types and products."""

from django.urls import path

from metrics.views import find, impact, kpi_settings, kpis, products, releases, uploads

urlpatterns = [
    path("", impact.home, name="home"),
    path("impact/", impact.team_impact, name="team_impact"),
    path("impact/internal/", impact.type_impact, {"type": "I"}, name="internal_impact"),
    path("impact/external/", impact.type_impact, {"type": "E"}, name="external_impact"),
    path("products/<slug:slug>/", products.product, name="product"),
    path("settings/kpis/", kpi_settings.kpi_list, name="settings_kpis"),
    path("settings/kpis/new/", kpi_settings.new_kpi, name="settings_new_kpi"),
    path("settings/kpis/<slug:slug>/", kpi_settings.kpi_overview, name="settings_kpi"),
    path("settings/kpis/<slug:slug>/facts/", kpi_settings.change_facts, name="settings_kpi_facts"),
    path("settings/kpis/<slug:slug>/wording/", kpi_settings.new_wording, name="settings_kpi_wording"),
    path("kpis/<slug:slug>/upload/", uploads.kpi_upload, name="kpi_upload"),
    path("kpis/<slug:slug>/upload/<int:number>/", uploads.kpi_upload_check, name="kpi_upload_check"),
    path("kpis/<slug:slug>/upload/<int:number>/refused.csv", uploads.kpi_upload_refused, name="kpi_upload_refused"),
    path("find/", find.find_page, name="find"),
    path("find/options/", find.find_options, name="find_options"),
    path("kpis/", kpis.kpis, name="kpis"),
    path("kpis/<slug:slug>/", kpis.kpi, name="kpi"),
    path("kpis/<slug:slug>/readings.csv", kpis.kpi_readings_csv, name="kpi_readings_csv"),
    path("releases/", releases.releases, name="releases"),
    path("releases/R-<int:number>/", releases.release, name="release"),
]
