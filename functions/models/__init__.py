"""The model specs: one file a model, named as the model is."""
