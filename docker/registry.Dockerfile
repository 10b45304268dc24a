# The registry in an image: its program, a shell, and nobody's rights.
#
# `docker build -f docker/registry.Dockerfile .` compiles it inside; `--target packaged` takes what this
# machine has built (`./just dist` with PROFILE=dist, `./just test-docker` with PROFILE=debug), which has
# to be for a C library no newer than the base's.
ARG BASE=debian:12.12-slim
ARG BUILDER=rust:1.95-slim-bookworm

FROM ${BASE} AS runtime
# Both folders are volumes: what the registry keeps, and the token it hands to the gateway beside it.
RUN install -d -o 65532 -g 65532 -m 0700 /var/lib/keystile /run/keystile
COPY docker/first-start /usr/local/bin/first-start
USER 65532:65532
WORKDIR /var/lib/keystile
ENV KEYSTILE_DATABASE=sqlite:/var/lib/keystile/registry.db
# Whoever may reach the admin and the gateways' listener is for the one who runs it to say; by default
# nobody outside of the container may.
EXPOSE 8001 8003 8005
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8001 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 204 '* ]]"]
ENTRYPOINT ["keystile-registry"]
CMD ["serve"]

FROM runtime AS packaged
ARG PROFILE=release
COPY target/${PROFILE}/keystile-registry /usr/local/bin/keystile-registry

FROM ${BUILDER} AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
COPY . /keystile
RUN cargo build --manifest-path /keystile/Cargo.toml --release --locked --package keystile-registry

FROM runtime AS compiled
COPY --from=build /keystile/target/release/keystile-registry /usr/local/bin/keystile-registry
