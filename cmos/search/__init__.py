"""Finding what was written down."""
