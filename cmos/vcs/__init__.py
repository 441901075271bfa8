"""Git, and the only place that imports GitPython."""
