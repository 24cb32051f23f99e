"""Which version answers: champions and challengers, followed while requests are served, and versions by number."""
