"""The conformance table: each feature that local AWS supports, and the test that proves it."""
