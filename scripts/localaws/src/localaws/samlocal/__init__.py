"""The template's functions in containers, as `sam local` runs them, beside local AWS."""
