from tests.unit.mlops.training.compilation.conftest import one_thread

__all__ = ["one_thread"]
