"""A service is down for more than an hour.

Nobody waits an hour for an exercise, and no clock of the house is turned. The samples are pushed as the bureau's own
monitor pushes them, each with the moment of its own, so that the hour lies in the past; the service exists for this
alone and is named after the marker. No service of the bureau is touched.
"""
