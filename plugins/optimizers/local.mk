# optimizers: one line each.
optimizers_LTLIBRARIES += plugins/optimizers/adam.la
optimizers_LTLIBRARIES += plugins/optimizers/rmsprop.la
optimizers_LTLIBRARIES += plugins/optimizers/sgd.la
