"""Addresses of the products floor, and of the ground below it."""

from allauth.account import views as account
from django.urls import path

from pmtrack.web import health
from products.views import (
    audit,
    people,
    people_settings,
    product_roles,
    product_settings,
    products,
    push_log,
    settings,
    team_settings,
    tokens,
)

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("products/", products.products, name="products"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit.csv", audit.audit_file, name="audit_file"),
    path("settings/about-me/", audit.about_myself, name="about_me"),
    path("people/", people.people, name="people"),
    path("settings/", settings.settings, name="settings"),
    path("settings/products/", product_settings.product_list, name="settings_products"),
    path("settings/products/new/", product_settings.new_product, name="settings_new_product"),
    path("settings/products/<slug:slug>/", product_settings.product_overview, name="settings_product"),
    path("settings/products/<slug:slug>/facts/", product_settings.change_facts, name="settings_product_facts"),
    path("settings/products/<slug:slug>/team/", product_settings.transfer, name="settings_transfer"),
    path("settings/products/<slug:slug>/pms/new/", product_roles.new_assignment, name="settings_new_pm"),
    path("settings/products/<slug:slug>/pms/<int:number>/", product_roles.edit_assignment, name="settings_pm"),
    path("settings/products/<slug:slug>/allies/new/", product_roles.new_ally, name="settings_new_ally"),
    path("settings/products/<slug:slug>/allies/<int:number>/", product_roles.edit_ally, name="settings_ally"),
    path("settings/teams/", team_settings.team_list, name="settings_teams"),
    path("settings/teams/new/", team_settings.new_team, name="settings_new_team"),
    path("settings/teams/<slug:slug>/", team_settings.team_overview, name="settings_team"),
    path("settings/teams/<slug:slug>/name/", team_settings.change_team, name="settings_team_name"),
    path("settings/teams/<slug:slug>/roles/new/", team_settings.new_role, name="settings_new_role"),
    path("settings/teams/<slug:slug>/roles/<int:number>/", team_settings.edit_role, name="settings_role"),
    path("settings/people/", people_settings.people_list, name="settings_people"),
    path("settings/people/new/", people_settings.new_person, name="settings_new_person"),
    path("settings/people/<int:number>/", people_settings.edit_person, name="settings_person"),
    path("settings/people/<int:number>/left/", people_settings.left, name="settings_left"),
    path("settings/people/<int:number>/back/", people_settings.back, name="settings_back"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/new/", tokens.new_token, name="new_token"),
    path("settings/tokens/<int:number>/roll/", tokens.roll, name="roll_token"),
    path("settings/tokens/<int:number>/revoke/", tokens.revoke, name="revoke_token"),
    path("settings/push-log/", push_log.push_log, name="push_log"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
