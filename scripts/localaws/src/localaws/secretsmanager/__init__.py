"""Secrets Manager: what it refuses and moto accepts, and which version is current."""
