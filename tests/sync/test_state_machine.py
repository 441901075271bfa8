"""People, editors and commands do anything in any order; after each sync the invariants hold."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from machine import Machine

TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=int(os.environ.get("CMOS_SOAK_EXAMPLES", "11")),
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
)
