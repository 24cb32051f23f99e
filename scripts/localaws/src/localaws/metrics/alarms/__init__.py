"""Alarms: watched metrics that change state and act on it."""
