# The program alone, run by nobody: docker build -t plimsoll .
FROM debian:12-slim AS build
WORKDIR /source
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY . .
RUN cmake --preset release -DPLIMSOLL_TESTS=OFF -DPLIMSOLL_BENCH=OFF && ninja -C build/release plimsoll
RUN scripts/image_root build/release/plimsoll /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/usr/bin/plimsoll"]
