from tests.unit.mlops.training.compile.conftest import one_thread

__all__ = ["one_thread"]
