"""Routes over the rail network: how far it is by rail, through which countries and gauges.

`RailNetwork.load` reads the network, `route` finds the way between two places, `matrix` the lengths
between many, `compare` what a scenario changes and `audit` what the network consists of.
"""
