# The image of the platform: web, worker and beat run from it.

# To pin the base: docker build --build-arg PYTHON_IMAGE=python@sha256:...
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Without pip, because nothing is installed after this stage.
RUN python -m venv --without-pip /venv
WORKDIR /packages
COPY requirements.lock ./
# Only files with a known hash, and only wheels: a source package would run its own code here, and
# download what builds it without a hash.
RUN python -m pip --python /venv/bin/python install --quiet \
        --require-hashes --no-deps --only-binary :all: -r requirements.lock \
    && python -m pip --python /venv/bin/python check

FROM ${PYTHON_IMAGE} AS code
ENV PATH=/venv/bin:$PATH
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
# A throw-away key, because collecting static files signs nothing.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
        python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q .

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Takehome Platform" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=takehome_platform.settings \
    DATA_DIR=/data \
    HOME=/home/app
# The docker provisioner starts helper containers from this image, which create the size-limited disk
# and the firewall of a workspace. HAProxy is the agent on each machine of a swarm.
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nftables e2fsprogs haproxy \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid app --create-home --shell /usr/sbin/nologin app \
    && install --directory --owner=app --group=app --mode=0700 /data
COPY --from=packages /venv /venv
COPY --from=code /app /app
WORKDIR /app
USER app
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 \
    CMD ["/app/containers/healthcheck", "8000", "/healthz"]
# -v 0, because an access log has the path, and a candidate's path has the passcode.
CMD ["daphne", "--proxy-headers", "-v", "0", "-b", "0.0.0.0", "-p", "8000", "takehome_platform.asgi:application"]
