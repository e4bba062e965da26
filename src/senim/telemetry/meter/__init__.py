"""How much doors and networks bear, measured every second: what no log of requests says, or too much to count there.

A flood is thousands of lines a second and slow requests are none at all; correlation remembers 256 marks of a group. So
the collector measures each door that senim.toml names and writes one sample a second at most, which it follows like
any other source: requests, distinct addresses, the address that dominates, connections held open, how long a probe
waits; of networks bits, packets and losses, as the kernel counts them. Rules judge samples (`rules/meter/`); what is
too much for a door or a network is its own setting.

Clauses: R228/81-1(3) ("denial of service" on an information system or data-transmission network).
"""
