# metrics: one line each.
metrics_LTLIBRARIES += plugins/metrics/mode_coverage.la
metrics_LTLIBRARIES += plugins/metrics/wasserstein_1d.la
