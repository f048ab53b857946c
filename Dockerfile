# The program alone, run by nobody: docker build -t plimsoll .
FROM debian:12-slim AS build
WORKDIR /source
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY . .
RUN cmake --preset release -DPLIMSOLL_TESTS=OFF -DPLIMSOLL_BENCH=OFF && ninja -C build/release plimsoll && strip build/release/plimsoll
# The shared libraries it needs, with their folders.
RUN mkdir -p /image/usr/bin /image/etc && cp build/release/plimsoll /image/usr/bin/ && \
    ldd build/release/plimsoll | awk '$3 ~ /^\// {print $3} $1 ~ /^\/lib/ {print $1}' | xargs -I{} cp --parents -L {} /image && \
    echo 'nonroot:x:65532:65532::/:/sbin/nologin' > /image/etc/passwd

FROM scratch
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/usr/bin/plimsoll"]
