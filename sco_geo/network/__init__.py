"""Rail network: distances over rails, breaks of gauge and borders on the way."""
