# PostgreSQL with the user, the folder and the variables of the official image, from Debian.
ARG DEBIAN_IMAGE=debian:bookworm-slim
FROM ${DEBIAN_IMAGE}
RUN groupadd --gid 999 postgres && useradd --uid 999 --gid postgres --home-dir /var/lib/postgresql postgres \
    && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql-15 \
    && rm -rf /var/lib/apt/lists/*
COPY start_postgres /usr/local/bin/start_postgres
RUN install --directory --owner=postgres --group=postgres /var/lib/postgresql/data
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
VOLUME /var/lib/postgresql/data
USER postgres
ENTRYPOINT ["start_postgres"]
