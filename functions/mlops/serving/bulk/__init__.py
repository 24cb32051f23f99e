"""Answers and records of many rows, written as text."""
