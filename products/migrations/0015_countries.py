"""The country of a product's users, whose public holidays effects are read without."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import products.models.products


class Migration(migrations.Migration):
    """Two columns that the release before leaves empty; 0051 validates their check."""

    dependencies = [
        ('products', '0014_kept_sheets'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='country',
            field=models.CharField(blank=True, db_default='', default='', help_text='ISO 3166; its public holidays are masked.', max_length=2, validators=[products.models.products.known_country]),
        ),
        migrations.AddField(
            model_name='product',
            name='subdivision',
            field=models.CharField(blank=True, db_default='', default='', help_text='A state or canton with holidays of its own.', max_length=10),
        ),
        AddConstraintNotValid(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('country', ''), ('subdivision', '')), ('country__regex', '^[A-Z]{2}$'), _connector='OR'), name='products_product_country_is_a_code'),
        ),
    ]
