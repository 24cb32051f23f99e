"""The conformance table: what local AWS supports, and the test that proves each part of it."""
