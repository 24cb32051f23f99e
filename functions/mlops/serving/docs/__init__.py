"""The OpenAPI document, the docs page and the model metadata."""
