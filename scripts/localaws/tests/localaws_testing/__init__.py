"""What the tests of local AWS share: free ports, waiting, sample logs, and the conformance table."""
