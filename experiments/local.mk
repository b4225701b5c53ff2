# experiments: one runnable file a system, and the data that is small enough to be here.
nobase_dist_pkgdata_SCRIPTS += experiments/data/fetch-mnist
nobase_dist_pkgdata_DATA += experiments/data/mnist/t10k-images-idx3-ubyte.gz experiments/data/mnist/t10k-labels-idx1-ubyte.gz
