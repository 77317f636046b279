"""The environment, the embedded servers and the process group behind `manage.py up` and `manage.py test`."""
