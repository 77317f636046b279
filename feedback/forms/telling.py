"""What somebody who was told of a release says."""

from django import forms

from feedback.models import Solved


class SolvedForm(forms.Form):
    """Whether it solves what they spoke of."""

    solved = forms.ChoiceField(choices=[(one.value, one.label) for one in (Solved.YES, Solved.PARTLY, Solved.NO)])
    words = forms.CharField(required=False, max_length=1000)
