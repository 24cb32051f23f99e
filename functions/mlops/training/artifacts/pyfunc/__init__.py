"""The loader that goes with a version, so that MLflow can load and serve its folder as it stands."""
