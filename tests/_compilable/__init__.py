"""Which estimators of scikit-learn compile, and the table of them in docs/compile.md."""
