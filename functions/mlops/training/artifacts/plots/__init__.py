"""The pictures of a model version, as SVG that is the same byte for byte each time it is drawn."""
