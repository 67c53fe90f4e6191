# The appliance in a container. Its data are in the volume; everything else may be read-only.
#
#   docker build -t vibevariant .
#   docker run -d -p 8000:8000 -v vibevariant:/data --read-only --tmpfs /tmp --stop-timeout 20 vibevariant
#   docker logs ...     shows the one-time link of the first run; `docker exec ... vibevariant setup-link` makes another

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# What runs, then what builds, a Node for the page among it: out of the locks, each package checked against its hash.
COPY requirements.lock requirements-dev.lock requirements-node.lock ./
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --require-hashes --only-binary :all: -r requirements.lock
RUN awk '/==/ { wanted = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } wanted' requirements-dev.lock >build.lock \
    && pip install --require-hashes --only-binary :all: -r build.lock -r requirements-node.lock

# The page before the package, because it takes longer and changes less often.
COPY packaging/page.py packaging/
COPY sdk-js sdk-js
COPY web web
RUN mkdir vibevariant && python packaging/page.py

COPY LICENSE README.md hatch_build.py pyproject.toml ./
COPY vibevariant vibevariant
RUN python -m hatchling build --target wheel \
    && pip --python /venv/bin/python install --no-deps dist/*.whl

FROM python:3.13-slim
COPY --from=build /venv /venv
# A number, so that an orchestrator can see that it is not root.
RUN install -d -o 10001 -g 10001 -m 0700 /data
USER 10001:10001
WORKDIR /data
VOLUME /data
# The settings that differ from those on a machine of one's own. PORT, where a platform sets it, is the port.
ENV VIBEVARIANT_HOST=0.0.0.0 VIBEVARIANT_DATA_DIR=/data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2
EXPOSE 8000
# It handles its signals itself and has no children, so it may be process 1. Requests under way get 8 seconds.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["vibevariant", "healthcheck"]
ENTRYPOINT ["vibevariant"]
CMD ["serve"]
