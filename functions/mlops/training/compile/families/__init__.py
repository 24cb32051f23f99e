"""One file a family of estimators: their converters, in dictionaries by type."""
