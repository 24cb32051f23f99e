"""Templates: read with line numbers, checked, packaged as `sam build` does, and transformed."""
