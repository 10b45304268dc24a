# Envoy with the filter in it. Its configuration is mounted: /etc/keystile/envoy.yaml.
#
# `docker build -f docker/envoy.Dockerfile .` compiles the filter inside; `--target packaged` takes the
# one of `./just wasm`. A filter is the same bytes wherever it is built.
ARG BASE=envoyproxy/envoy:v1.40.0
ARG BUILDER=rust:1.95-slim-bookworm

FROM ${BASE} AS runtime
# The token comes with a volume (first-start); the configuration looks for it beside the filter.
RUN install -d -o 65532 -g 65532 -m 0700 /run/keystile && install -d /etc/keystile \
    && ln -s /run/keystile/registry-token.yaml /etc/keystile/registry-token.yaml
USER 65532:65532
EXPOSE 8000
# Through the listener: /ready says nothing of a worker that hangs, nor of a filter without its table.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET / HTTP/1.1\\r\\nHost: health\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == HTTP/1.1\\ [24]* ]]"]
ENTRYPOINT ["envoy"]
CMD ["--config-path", "/etc/keystile/envoy.yaml"]

FROM runtime AS packaged
COPY target/wasm/keystile_filter.wasm /etc/keystile/keystile_filter.wasm

FROM ${BUILDER} AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rustup target add wasm32-unknown-unknown
COPY . /keystile
RUN /keystile/.just/wasm

FROM runtime AS compiled
COPY --from=build /keystile/target/wasm/keystile_filter.wasm /etc/keystile/keystile_filter.wasm
