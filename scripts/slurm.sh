#!/bin/bash
# Trains on GPUs of several nodes: sbatch scripts/slurm.sh --config=... --workdir=...
#
# One task on each node takes all its GPUs; `--ntasks-per-node=8` would give one
# to each of eight. The workdir must lie where every node sees it. Two minutes
# before the time is over SLURM asks the run to stop, which saves a checkpoint:
# the same command goes on from it. Where a node fails or the job is preempted,
# SLURM starts it again by itself.
#SBATCH --job-name=dagan_jax
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=32
#SBATCH --time=24:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
srun --kill-on-bad-exit=1 .venv/bin/python -m dagan_jax.main "$@"
