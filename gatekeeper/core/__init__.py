"""The pure core, from JSON to renderings: no clock, file, network or environment in it."""
