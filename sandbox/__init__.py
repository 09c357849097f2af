"""A seeded advertising world served over HTTP in the platforms' own wire formats. Imports no other package of ours."""
