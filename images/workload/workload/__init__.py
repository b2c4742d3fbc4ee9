"""The reference workload: a backend, a front end and agents that speak the real system's protocol."""
