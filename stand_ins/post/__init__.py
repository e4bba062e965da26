"""The ways by which people on call are reached, in a demonstration: mail server, SMS gateway, webhook receiver.

One program serves all three (`stand_ins.mail`, `stand_ins.sms`, `stand_ins.webhook`), each on a port of its own, keeps
what came in one SQLite file, and shows it. Nothing leaves the machine: nobody is really rung.
"""
