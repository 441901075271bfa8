"""What a mission file says, and changing one value of it."""
