"""TestState: one attempt of one state, with what becomes of its data on the way."""
