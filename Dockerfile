# One image for all roles; docker-compose.yml says which command is which.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/pmtrack
COPY requirements.lock /tmp/requirements.lock
RUN /opt/pmtrack/bin/pip install --require-hashes --only-binary :all: -r /tmp/requirements.lock

FROM python:3.13-slim
ENV PATH=/opt/pmtrack/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=pmtrack.settings \
    PMTRACK_NO_BOOTSTRAP=1 \
    PMTRACK_STATIC_ROOT=/srv/pmtrack/static
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin pmtrack
COPY --from=build /opt/pmtrack /opt/pmtrack
WORKDIR /srv/pmtrack/code
COPY . .
# The two secrets only let the settings load here; they are in no layer, and the containers get their own.
RUN PMTRACK_SECRET_KEY=build PMTRACK_TOKEN_PEPPER=build python manage.py collectstatic --noinput
USER pmtrack
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "pmtrack.wsgi:application"]
