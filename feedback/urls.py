"""Pages of the feedback floor."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
