"""What Gatepost says about its work: log lines, metrics, and spans of the calls it makes.

`names` has every name, `log_events` the log, `metrics` the metrics, `dependencies` the spans; `invocation` puts all of it
under the host's invocation, `background_flush` flushes it in the background, and `observer` is what delivery tells.
"""
