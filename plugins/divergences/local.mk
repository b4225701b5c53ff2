# divergences: one line each.
divergences_LTLIBRARIES += plugins/divergences/bernoulli_nll.la
divergences_LTLIBRARIES += plugins/divergences/categorical_nll.la
divergences_LTLIBRARIES += plugins/divergences/gan.la
divergences_LTLIBRARIES += plugins/divergences/gan_qp.la
divergences_LTLIBRARIES += plugins/divergences/gaussian_nll.la
divergences_LTLIBRARIES += plugins/divergences/kl_normal.la
divergences_LTLIBRARIES += plugins/divergences/kl_standard_normal.la

EXTRA_DIST += plugins/divergences/features.h
