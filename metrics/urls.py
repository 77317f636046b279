"""Pages of the metrics floor."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
