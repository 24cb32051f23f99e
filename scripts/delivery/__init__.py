"""Releases: what `scripts/build`, `scripts/deploy`, `scripts/smoke` and `scripts/rollback` run."""
