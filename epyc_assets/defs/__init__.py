"""Dagster definitions: assets with their checks, jobs, schedules, resources. The only place that imports dagster.

Each asset body gathers inputs, calls one domain function, writes and returns metadata; what a thing means is in
the domain packages.
"""
