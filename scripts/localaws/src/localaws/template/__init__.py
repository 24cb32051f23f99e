"""Templates: parsing with line numbers, intrinsic functions, packaging as `sam build` does, and transforms."""
