"""Fixtures of the tests of trainings."""

from tests.unit.mlops.training.swift import swift

__all__ = ["swift"]
