"""Models and decisions: pure values in, values out, no IO."""
