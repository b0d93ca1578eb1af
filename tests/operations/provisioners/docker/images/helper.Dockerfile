# Stands in for the platform's own image, of which only these programs are used here.
FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends nftables e2fsprogs \
    && rm -rf /var/lib/apt/lists/*
VOLUME /data
