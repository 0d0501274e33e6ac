#!/bin/sh
# Trains on all hosts of a TPU pod, from your own machine:
#
#   scripts/tpu_pod.sh NAME ZONE --config=configs/daganpp.py \
#     --workdir=/mnt/shared/daganpp --config.data.path=/mnt/shared/clips
#
# NAME is a TPU VM that `gcloud compute tpus tpu-vm create` made. The workdir and
# the data must lie where every host sees them under the same path. The project
# is copied and installed on each host; the hosts then find one another. The
# same command goes on where the run stopped.
set -eu
if [ $# -lt 3 ]; then
  echo "usage: $0 NAME ZONE --config=CONFIG --workdir=WORKDIR [...]" >&2
  exit 2
fi
name=$1 zone=$2
shift 2
here=$(cd "$(dirname "$0")/.." && pwd)

flags=
for flag; do # quoted once more, for the shells of the hosts
  flags="$flags '$(printf %s "$flag" | sed "s/'/'\\\\''/g")'"
done

archive=$(mktemp)
trap 'rm -f "$archive"' EXIT
git -C "$here" archive --format=tar.gz -o "$archive" HEAD
gcloud compute tpus tpu-vm scp "$archive" "$name:dagan_jax.tar.gz" \
  --zone="$zone" --worker=all
gcloud compute tpus tpu-vm ssh "$name" --zone="$zone" --worker=all --command="
  set -e
  mkdir -p dagan_jax && tar -xzf dagan_jax.tar.gz -C dagan_jax && cd dagan_jax
  python3 -m venv .venv && .venv/bin/pip install -q '.[train,tpu]'
  exec .venv/bin/python -m dagan_jax.main$flags"
