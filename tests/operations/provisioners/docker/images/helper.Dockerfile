# A stub of the platform's own image with the programs that the provisioner uses.
FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends nftables e2fsprogs \
    && rm -rf /var/lib/apt/lists/*
VOLUME /data
