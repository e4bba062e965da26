"""Composition only: settings, addresses, the supervisor, the command line, and who hears which news.

Nothing here decides anything about the bureau; rooms do.
"""
