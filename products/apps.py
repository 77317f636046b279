"""The products floor: people, teams, products and releases."""

from importlib import import_module

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """Who ships what, and when it went live."""

    name = "products"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the two ways to sign in known to the API's description."""
        import_module("products.api.schemes")
