"""Systems Manager's parameters: what it refuses and moto accepts."""
