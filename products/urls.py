"""Addresses of the products floor, and of the ground below it."""

from allauth.account import views as account
from django.urls import path

from pmtrack.web import health
from products.views import audit, products

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("products/", products.products, name="products"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit.csv", audit.audit_file, name="audit_file"),
    path("settings/about-me/", audit.about_myself, name="about_me"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
