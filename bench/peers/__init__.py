"""Others that do a part of what we do, measured in the same run; each in an environment of its own."""
