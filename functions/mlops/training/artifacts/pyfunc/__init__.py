"""The loader that travels with a version, so that MLflow can load and serve the version's folder as it is.

mlops_model.py is copied into the version's code/ folder, with the modules of mlops/artifact that it imports. They are
copied without any `__init__.py`: where this project is installed, its own modules come first.
"""
