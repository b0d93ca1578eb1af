# A stub of the platform's own image with the programs that the provisioner uses.
FROM python:3.12-slim-bookworm
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends nftables e2fsprogs haproxy \
    && rm -rf /var/lib/apt/lists/*
VOLUME /data
