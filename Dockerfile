# The page in a container, by the two commands of the README.
#
#   docker build --tag dagan_jax .
#   docker run --rm --publish 127.0.0.1:7860:7860 dagan_jax
FROM python:3.12-slim

WORKDIR /dagan_jax
COPY README.md pyproject.toml setup.py ./
COPY configs configs
COPY data_pipelines data_pipelines
COPY dagan_jax dagan_jax
# No version is named, for what is installed is this very folder.
# hadolint ignore=DL3013
RUN pip install --no-cache-dir '.[web]'

# Compiled programs and passing files go where everybody may write.
ENV HOME=/tmp
WORKDIR /tmp
USER 65534
EXPOSE 7860
CMD ["python", "-m", "dagan_jax.web", "--host=0.0.0.0"]
