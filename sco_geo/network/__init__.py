"""Routes over the rail network: how far it is by rail, through which countries and gauges."""
