"""MLflow: a run for each training, child runs for its trials, and a mirror of the registry."""
