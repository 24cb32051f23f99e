"""How properties are tested."""

import hypothesis

# A busy machine draws examples slowly; that says nothing of what is tested.
hypothesis.settings.register_profile("localaws", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("localaws")
