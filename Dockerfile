FROM python:3.13-slim-trixie AS build
WORKDIR /build
COPY requirements.txt requirements-build.txt ./
# The image gets no pip: that of another venv, which is not copied, installs the packages.
RUN python3 -m venv --without-pip /opt/gatekeeper \
    && python3 -m venv tools \
    && tools/bin/pip --python /opt/gatekeeper/bin/python install \
        --no-cache-dir --no-compile --only-binary :all: --require-hashes -r requirements.txt \
    # Progress bars need a terminal, which no job has; these packages take 13 MB.
    && tools/bin/pip --python /opt/gatekeeper/bin/python uninstall --quiet --yes \
        rich pygments markdown-it-py mdurl \
    && tools/bin/pip install \
        --no-cache-dir --only-binary :all: --require-hashes -r requirements-build.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY gatekeeper gatekeeper
COPY entrypoint.py /opt/gatekeeper/app/
# The pinned tools build the wheel, with the page's templates compiled. In a shell, the entrypoint is
# the command `gatekeeper`; it is isolated (`-I`) from the job's PYTHON variables and from modules in
# the working folder. None of these files ever changes, so Python need not compare their byte
# code with the sources.
RUN tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir wheel . \
    && tools/bin/pip --python /opt/gatekeeper/bin/python install \
        --no-cache-dir --no-compile --no-deps --no-index wheel/*.whl \
    && sed -i '1i #!/opt/gatekeeper/bin/python -I' /opt/gatekeeper/app/entrypoint.py \
    && chmod 755 /opt/gatekeeper/app/entrypoint.py \
    && /opt/gatekeeper/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/gatekeeper

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="gatekeeper" \
    org.opencontainers.image.description="A CI gate for Kore.ai conversation test suites" \
    org.opencontainers.image.licenses="MIT"
# Jenkins ends an aborted job's processes by `ps` and `kill`, which slim images lack: without them
# the gate would be killed before it could write its reports. Its version is not pinned, because
# Debian does not serve an older one for long.
# hadolint ignore=DL3008
RUN apt-get -qq update \
    && apt-get -qq install --yes --no-install-recommends procps \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*
COPY --from=build /opt/gatekeeper /opt/gatekeeper
# Slim images lack the standard library's byte code. One job of each kind (passing, failing, without
# settings) leaves the byte code of everything it imports, so that no later start compiles it.
RUN ln -s /opt/gatekeeper/app/entrypoint.py /usr/local/bin/gatekeeper \
    && touch /tmp/gatekeeper.toml \
    && gatekeeper demo --report-dir /tmp/reports >/tmp/log \
    && { gatekeeper demo --report-dir /tmp/reports --scenario banking-card-block >/tmp/log \
        || [ $? -eq 1 ]; } \
    && { gatekeeper config --config /tmp/gatekeeper.toml >/tmp/log 2>&1 || [ $? -eq 2 ]; } \
    && rm -r /tmp/gatekeeper.toml /tmp/reports /tmp/log
# Neither USER nor WORKDIR: GitHub mounts its files for root and sets the folder; the entrypoint
# drops root by itself.
ENTRYPOINT ["gatekeeper"]
