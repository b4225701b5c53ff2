# samplers: one line each.
samplers_LTLIBRARIES += plugins/samplers/bernoulli.la
samplers_LTLIBRARIES += plugins/samplers/categorical.la
samplers_LTLIBRARIES += plugins/samplers/constant.la
samplers_LTLIBRARIES += plugins/samplers/csv.la
samplers_LTLIBRARIES += plugins/samplers/fan_in.la
samplers_LTLIBRARIES += plugins/samplers/gaussian_mixture.la
samplers_LTLIBRARIES += plugins/samplers/grid.la
samplers_LTLIBRARIES += plugins/samplers/hdf5.la
samplers_LTLIBRARIES += plugins/samplers/he.la
samplers_LTLIBRARIES += plugins/samplers/identity.la
samplers_LTLIBRARIES += plugins/samplers/idx.la
samplers_LTLIBRARIES += plugins/samplers/integers.la
samplers_LTLIBRARIES += plugins/samplers/langevin.la
samplers_LTLIBRARIES += plugins/samplers/markov.la
samplers_LTLIBRARIES += plugins/samplers/normal.la
samplers_LTLIBRARIES += plugins/samplers/npy.la
samplers_LTLIBRARIES += plugins/samplers/ones.la
samplers_LTLIBRARIES += plugins/samplers/orthogonal.la
samplers_LTLIBRARIES += plugins/samplers/ring.la
samplers_LTLIBRARIES += plugins/samplers/uniform.la
samplers_LTLIBRARIES += plugins/samplers/xavier.la
samplers_LTLIBRARIES += plugins/samplers/zeros.la

# Only this one reads gzip.
plugins_samplers_idx_la_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
plugins_samplers_idx_la_LIBADD = $(ZLIB_LIBS)

EXTRA_DIST += plugins/samplers/choice.h plugins/samplers/fan.h plugins/samplers/mixture.h
