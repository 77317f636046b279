"""Pages of the feedback floor."""

from django.urls import path

from feedback.views import capture, entries

urlpatterns = [
    path("feedback/", entries.feedback, name="feedback"),
    path("feedback/new/", capture.new_feedback, name="new_feedback"),
]
