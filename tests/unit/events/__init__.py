"""Tests of `shared/events`: what an event is, and how those that were sent are remembered."""
