"""All SQL. Rows become dataclasses before they leave."""
