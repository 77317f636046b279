"""The products floor: people, teams, products and releases."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """Who ships what, and when it went live."""

    name = "products"
    default_auto_field = "django.db.models.BigAutoField"
