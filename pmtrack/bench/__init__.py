"""What pmtrack costs, each time beside a floor in the same run: `manage.py bench` (docs/operations.md)."""
