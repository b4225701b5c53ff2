# metrics: one line each.
metrics_LTLIBRARIES += plugins/metrics/mode_coverage.la
